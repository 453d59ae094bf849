"""Where a line comes from: task, tests, cost; and why it is suspicious."""

from collections.abc import Callable, Iterator, Sequence

from lsprotocol import types

from lsp.facts.origins import Origin, written
from lsp.facts.words import counted, short_id
from lsp.names import Code
from lsp.server import RatchetServer
from lsp.showing.markdown import escaped
from lsp.showing.marks import encoding_of
from lsp.showing.plain import one_line
from lsp.text.placing import line_range, live_lines

_MOST_TESTS = 5

Quote = Callable[[str], str]
"""Makes outside text harmless in what is shown."""


def register(server: RatchetServer) -> None:
    """Take part in a server."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(ls: RatchetServer, params: types.HoverParams) -> types.Hover | None:
        uri, line = params.text_document.uri, params.position.line + 1
        lines = live_lines(ls.protocol.documents, uri)
        if not ls.settings.hover or lines is None:
            return None
        quote = escaped if ls.abilities.hover_markdown else one_line
        said = [*_provenance(ls, uri, line, lines, quote), *_suspicion(ls, uri, line, quote)]
        if not said:
            return None
        kind = types.MarkupKind.Markdown if ls.abilities.hover_markdown else types.MarkupKind.PlainText
        return types.Hover(
            contents=types.MarkupContent(kind=kind, value="\n\n".join(said)),
            range=line_range(lines, line, encoding_of(ls)),
        )


def _provenance(ls: RatchetServer, uri: str, line: int, lines: Sequence[str], quote: Quote) -> Iterator[str]:
    """Yield the newest task that wrote a line."""
    within = ls.folders.within(uri)
    for origin in ls.board.known(within.repository).origins if within is not None else ():
        hunks = origin.hunks.get(within.path, ()) if within is not None else ()
        if hunks and line in written(hunks, lines):
            yield _told(origin, quote)
            return


def _told(origin: Origin, quote: Quote) -> str:
    outcome = f", {quote(str(origin.outcome).replace('_', ' '))}" if origin.outcome is not None else ""
    said = [f"Written by Ratchet: {origin.kind} task {quote(short_id(origin.task))}{outcome}"]
    if origin.goal:
        said.append(f"Wanted: {quote(origin.goal)}")
    if origin.tests:
        names = ", ".join(quote(test) for test in origin.tests[:_MOST_TESTS])
        more = len(origin.tests) - _MOST_TESTS
        said.append(
            f"Fixed {counted(len(origin.tests), 'test')}: {names}" + (f" and {more} more" if more > 0 else "")
        )
    said.append(_cost(origin, quote))
    return "\n\n".join(said)


def _cost(origin: Origin, quote: Quote) -> str:
    if not origin.models and not origin.cost_usd:
        return "Cost: nothing, no model was asked"
    models = ", ".join(quote(model) for model in origin.models)
    return f"Cost: ${origin.cost_usd:.4f}" + (f" ({models})" if models else "")


def _suspicion(ls: RatchetServer, uri: str, line: int, quote: Quote) -> Iterator[str]:
    if not ls.settings.suspects:
        return
    for one in ls.board.placed(uri):
        if one.line == line and one.fact.code is Code.SUSPECT:
            yield f"Ratchet: {quote(one.fact.message)} (task {quote(short_id(one.fact.task))})"
