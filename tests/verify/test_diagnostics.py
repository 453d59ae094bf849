"""Complaints are read from what tools print, and only more of them than before count."""

import pytest

from agent.protocol.check import Location
from agent.protocol.verdict import Diagnostic
from agent.verify.diagnostics import new_diagnostics, parse_diagnostics


def complaint(line: int, message: str = "bad", path: str = "a.py", code: str = "") -> Diagnostic:
    return Diagnostic(tool="lint", location=Location(path=path, line=line), message=message, code=code)


PRINTED = {
    "mypy": ("a.py:3: error: Bad type  [arg-type]", [complaint(3, "error: Bad type", code="arg-type")]),
    "mypy's note": ("a.py:3: note: See docs", []),
    "flake8": ("./src/a.py:1:2: E501 line too long", [complaint(1, "line too long", "src/a.py", "E501")]),
    "gcc": ("a.c:7:5: error: expected ';'", [complaint(7, "error: expected ';'", "a.c")]),
    "tsc": ("src/a.ts(4,9): error TS2322: No.", [complaint(4, "No.", "src/a.ts", "TS2322")]),
    "ruff": (
        "F401 [*] `os` imported but unused\n --> a.py:1:8\n  |\n1 | import os\n",
        [complaint(1, "`os` imported but unused", code="F401")],
    ),
    "go": ("a.go:3:1:unused x", [complaint(3, "unused x", "a.go")]),
    "a summary": ("Found 3 errors.\nok: 2\n10:20:30 done\n", []),
}


@pytest.mark.parametrize(("text", "expected"), PRINTED.values(), ids=PRINTED)
def test_what_tools_print_is_read(text: str, expected: list[Diagnostic]) -> None:
    assert list(parse_diagnostics("lint", text)) == expected


def shifted(path: str, line: int) -> int | None:
    """Two lines were added at the top: line 3 was line 1."""
    return line - 2 if line > 2 else None


def test_complaints_on_lines_that_moved_are_old() -> None:
    assert new_diagnostics([complaint(1), complaint(5)], [complaint(3), complaint(7)], shifted) == ()


def test_one_more_of_a_kind_is_new_where_it_was_not_before() -> None:
    assert new_diagnostics([complaint(5)], [complaint(1), complaint(7)], shifted) == (complaint(1),)


def test_a_kind_that_moved_to_a_changed_line_is_old() -> None:
    assert new_diagnostics([complaint(5)], [complaint(2)], shifted) == ()


def test_another_message_another_code_or_another_file_is_new() -> None:
    after = [complaint(7, "worse"), complaint(7, code="E1"), complaint(7, path="b.py")]
    assert new_diagnostics([complaint(5)], after, shifted) == tuple(after)
