"""Facts as an editor's diagnostics; what the editor cannot show is said in the message or left out."""

import hashlib
from collections.abc import Sequence

from lsprotocol import types

from lsp.facts.fact import Fact
from lsp.names import SOURCE, Code
from lsp.server import RatchetServer
from lsp.showing.board import Placed, Spot
from lsp.text.document import Encoding
from lsp.text.placing import line_range, live_lines

_MOST = 200
"""Diagnostics of one document."""


def marks(ls: RatchetServer, uri: str) -> list[types.Diagnostic]:
    """Return what is known about a document where its lines are now, the gravest first; from memory."""
    if not ls.settings.diagnostics:
        return []
    placed = [
        one for one in ls.board.placed(uri) if ls.settings.suspects or one.fact.code is not Code.SUSPECT
    ]
    if not placed:
        return []
    placed.sort(key=lambda one: (one.fact.level, one.line, one.fact.message))
    lines = live_lines(ls.protocol.documents, uri) or ()
    return [_mark(ls, one, lines) for one in placed[:_MOST]]


def state_of(items: Sequence[types.Diagnostic]) -> str:
    """Return a text that is the same for the same diagnostics."""
    return hashlib.blake2b(repr(items).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def encoding_of(ls: RatchetServer) -> Encoding:
    """Return what offsets count towards this editor."""
    return Encoding(ls.workspace.position_encoding or types.PositionEncodingKind.Utf16)


def _mark(ls: RatchetServer, one: Placed, lines: Sequence[str]) -> types.Diagnostic:
    fact = one.fact
    return types.Diagnostic(
        range=line_range(lines, one.line, encoding_of(ls)),
        message=fact.message,
        severity=types.DiagnosticSeverity(int(fact.level)),
        code=str(fact.code),
        source=SOURCE,
        related_information=_related(ls, one.related) if ls.abilities.related_information else None,
        data=_data(fact) if ls.abilities.diagnostic_data else None,
    )


def _data(fact: Fact) -> dict[str, object]:
    return {"task": fact.task, "tests": list(fact.tests)}


def _related(ls: RatchetServer, spots: Sequence[Spot]) -> list[types.DiagnosticRelatedInformation] | None:
    found = [_information(ls, spot) for spot in spots]
    return found or None


def _information(ls: RatchetServer, spot: Spot) -> types.DiagnosticRelatedInformation:
    lines = live_lines(ls.protocol.documents, spot.uri) or ()
    place = types.Location(uri=spot.uri, range=line_range(lines, spot.line, encoding_of(ls)))
    return types.DiagnosticRelatedInformation(location=place, message=spot.message)
