"""Every cell of the class table, written out again from the design."""

import pytest

from agent.protocol.check import TestStatus
from agent.protocol.verdict import TestClass
from agent.verify.classes import classify

NAMES = {
    "p": TestClass.PASSED,
    "F": TestClass.FIXED,
    "B": TestClass.BROKEN,
    "S": TestClass.STILL_FAILING,
    "n": TestClass.NEW,
    "V": TestClass.VANISHED,
    "k": TestClass.SKIPPED_NOW,
    "-": TestClass.NOT_RUN,
}
# One row for each outcome before the change, one column for each after it.
CELLS = """
before   passed failed error skipped xfailed xpassed timeout crashed absent not_run
passed   p  B  B  k  B  p  B  B  V  -
failed   F  S  S  k  S  F  S  S  V  -
error    F  S  S  k  S  F  S  S  V  -
skipped  n  B  B  p  p  n  B  B  V  -
xfailed  F  B  B  k  p  F  B  B  V  -
xpassed  p  B  B  k  B  p  B  B  V  -
timeout  F  S  S  k  S  F  S  S  V  -
crashed  F  S  S  k  S  F  S  S  V  -
absent   n  B  B  n  n  n  B  B  V  -
not_run  -  -  -  -  -  -  -  -  -  -
"""
HEAD, *ROWS = [line.split() for line in CELLS.strip().splitlines()]
TABLE = [
    (row[0], after, NAMES[letter]) for row in ROWS for after, letter in zip(HEAD[1:], row[1:], strict=True)
]


@pytest.mark.parametrize(("before", "after", "expected"), TABLE)
def test_a_cell(before: str, after: str, expected: TestClass) -> None:
    assert classify(TestStatus(before), TestStatus(after)) is expected


def test_the_table_is_total() -> None:
    assert {(before, after) for before, after, _ in TABLE} == {(b, a) for b in TestStatus for a in TestStatus}
