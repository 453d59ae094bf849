"""Which tests fail at a place of a document, as far as the tasks of its repository say."""

from collections.abc import Iterator, Mapping, Sequence

from lsprotocol import types

from lsp.facts.definition import definition, definitions
from lsp.facts.results import Outcome
from lsp.facts.tests import of_file
from lsp.folders import Within
from lsp.names import Code
from lsp.showing.board import Board

_FAILING = (Code.FAILING, Code.BROKEN)


def tests_of(data: object) -> tuple[str, ...]:
    """Return the tests in the data of a diagnostic of ours; nothing when the editor did not keep it."""
    given = data.get("tests") if isinstance(data, Mapping) else None
    return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list | tuple) else ()


def failing_at(board: Board, uri: str, pointed: types.Range) -> tuple[str, ...]:
    """Return the tests that fail at some lines."""
    first, last = pointed.start.line + 1, pointed.end.line + 1
    found = [
        test
        for one in board.placed(uri)
        if one.fact.code in _FAILING and first <= one.line <= last
        for test in one.fact.tests
    ]
    return tuple(dict.fromkeys(found))


def failing_around(board: Board, within: Within, lines: Sequence[str], line: int) -> tuple[str, ...]:
    """Return the failing tests whose definition a line, from 1, lies in."""
    failing = list(_failing(board, within))
    if not failing:
        return ()
    defined = definitions(lines)
    around = max((one for one in defined.values() if one <= line), default=0)
    return tuple(test for test in failing if around and definition(defined, test) == around)


def _failing(board: Board, within: Within) -> Iterator[str]:
    records = of_file(board.known(within.repository).records, within.path)
    return (one.last.test for one in records if one.last.outcome is Outcome.FAILING)
