"""What is known about a test or a function, above it."""

from lsprotocol import types

from lsp.server import RatchetServer
from lsp.showing.lenses import Lens, View, lenses
from lsp.showing.marks import encoding_of
from lsp.showing.outlines import Outlines
from lsp.text.placing import line_range, live_lines


def register(server: RatchetServer) -> None:
    """Take part in a server."""
    refreshed = Refreshed(server)
    outlines = Outlines(server.client, refreshed.ask, server.calm)
    server.board.listen(lambda uris: refreshed.ask() if uris is None else None)
    server.on_settings(lambda _: refreshed.ask())

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    def list_lenses(ls: RatchetServer, params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        within = ls.folders.within(uri) if ls.settings.lens else None
        lines = live_lines(ls.protocol.documents, uri)
        if within is None or lines is None:
            return []
        refreshed.asked = True
        view = View(uri, within, lines, encoding_of(ls))
        known, outline = ls.board.known(within.repository), outlines.of(within.repository, within.path)
        return [_shown(view, one) for one in lenses(view, known, outline)]


class Refreshed:
    """Has the editor ask for lenses again, if it asked for any since it was told to."""

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self.asked = False

    def ask(self) -> None:
        """Say that lenses may be others now."""
        if self.asked and self._ls.abilities.refreshes_lenses:
            self.asked = False
            self._ls.workspace_code_lens_refresh(None)


def _shown(view: View, one: Lens) -> types.CodeLens:
    arguments = [one.order.model_dump(mode="json", exclude_defaults=True)]
    return types.CodeLens(
        range=line_range(view.lines, one.line, view.encoding),
        command=types.Command(title=one.title, command=one.command, arguments=arguments),
    )
