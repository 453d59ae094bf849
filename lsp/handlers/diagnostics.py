"""Failing tests, suspicious lines and what a change broke, pushed or pulled."""

from collections.abc import Collection

from lsprotocol import types

from lsp.names import SOURCE
from lsp.server import RatchetServer
from lsp.showing.marks import marks, state_of
from lsp.text.document import Document

_OPTIONS = types.DiagnosticOptions(
    identifier=SOURCE, inter_file_dependencies=True, workspace_diagnostics=True
)
_Report = types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport
_Part = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport


def register(server: RatchetServer) -> None:
    """Take part in a server."""
    pushed = Pushed(server)
    server.board.listen(pushed.update)
    server.protocol.documents.listen(pushed.opened)
    server.on_settings(lambda _: pushed.update(None))

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, _OPTIONS)
    def pull_one(ls: RatchetServer, params: types.DocumentDiagnosticParams) -> _Report:
        items = marks(ls, params.text_document.uri) if pulls(ls) else []
        state = state_of(items)
        if state == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=state)
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=state)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    def pull_all(
        ls: RatchetServer, params: types.WorkspaceDiagnosticParams
    ) -> types.WorkspaceDiagnosticReport:
        known = {one.uri: one.value for one in params.previous_result_ids}
        uris = dict.fromkeys([*(ls.board.uris() if pulls(ls) else ()), *known])
        return types.WorkspaceDiagnosticReport(items=[_part(ls, uri, known.get(uri)) for uri in uris])


def pulls(ls: RatchetServer) -> bool:
    """Say whether an editor pulls.

    One that cannot be told to pull again would never see what comes to be known later: it is pushed to.
    """
    return ls.abilities.pulls_diagnostics and ls.abilities.refreshes_diagnostics


class Pushed:
    """What an editor was shown; tells it of what is otherwise now, and of nothing else."""

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._shown: dict[str, list[types.Diagnostic]] = {}
        self._open: dict[str, Document] = {}

    def opened(self, uri: str) -> None:
        """Show what is known of a document that was just opened: not every editor kept it until then."""
        document = self._ls.protocol.documents.get(uri)
        if document is self._open.get(uri):
            return
        self._open.pop(uri, None)
        if document is not None:
            self._open[uri] = document
            if not pulls(self._ls):
                self._shown.pop(uri, None)
                self.update({uri})

    def update(self, uris: Collection[str] | None) -> None:
        """Look again at some documents, at all without any named."""
        wanted = {*self._ls.board.uris(), *self._shown} if uris is None else uris
        changed = [uri for uri in wanted if self._has_changed(uri)]
        if not pulls(self._ls):
            for uri in changed:
                self._push(uri)
        elif changed:
            self._ls.workspace_diagnostic_refresh(None)

    def _has_changed(self, uri: str) -> bool:
        items, before = marks(self._ls, uri), self._shown.pop(uri, [])
        if items:
            self._shown[uri] = items
        if pulls(self._ls):
            # Such an editor asks by itself after an edit, which moves lines and changes nothing else.
            return [_unplaced(one) for one in items] != [_unplaced(one) for one in before]
        return items != before

    def _push(self, uri: str) -> None:
        document = self._ls.protocol.documents.get(uri)
        self._ls.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=uri,
                diagnostics=self._shown.get(uri, []),
                version=document.version if document is not None else None,
            )
        )


def _unplaced(one: types.Diagnostic) -> tuple[object, ...]:
    return one.code, one.message, one.severity, repr(one.data)


def _part(ls: RatchetServer, uri: str, before: str | None) -> _Part:
    items = marks(ls, uri) if pulls(ls) else []
    state = state_of(items)
    document = ls.protocol.documents.get(uri)
    version = document.version if document is not None else None
    if state == before:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=state, version=version)
    return types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=items, result_id=state, version=version)
