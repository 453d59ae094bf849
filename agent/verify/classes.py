"""What a change did to one test, as a total function of its outcome before and after."""

from agent.protocol.check import TestStatus as S
from agent.protocol.verdict import TestClass as C

# Before \ after, in the order of _STATUSES. Reading aids: a skipped or expectedly failing test that
# stays so is fine as before; a test that starts to be skipped, or to be expected to fail, is not.
_STATUSES = (
    S.PASSED,
    S.FAILED,
    S.ERROR,
    S.SKIPPED,
    S.XFAILED,
    S.XPASSED,
    S.TIMEOUT,
    S.CRASHED,
    S.ABSENT,
    S.NOT_RUN,
)
_LETTERS = {
    "p": C.PASSED,
    "F": C.FIXED,
    "B": C.BROKEN,
    "s": C.STILL_FAILING,
    "n": C.NEW,
    "V": C.VANISHED,
    "k": C.SKIPPED_NOW,
    "-": C.NOT_RUN,
}
_TABLE = {
    #            p F E s x X T C a -
    S.PASSED: "  p B B k B p B B V -",
    S.FAILED: "  F s s k s F s s V -",
    S.ERROR: "   F s s k s F s s V -",
    S.SKIPPED: " n B B p p n B B V -",
    S.XFAILED: " F B B k p F B B V -",
    S.XPASSED: " p B B k B p B B V -",
    S.TIMEOUT: " F s s k s F s s V -",
    S.CRASHED: " F s s k s F s s V -",
    S.ABSENT: "  n B B n n n B B V -",
    S.NOT_RUN: " - - - - - - - - - -",
}
_CELLS = {
    (before, after): _LETTERS[letter]
    for before, row in _TABLE.items()
    for after, letter in zip(_STATUSES, row.split(), strict=True)
}

FAILING = frozenset({S.FAILED, S.ERROR, S.TIMEOUT, S.CRASHED})
GOOD = frozenset({S.PASSED, S.XPASSED})


def classify(before: S, after: S) -> C:
    """Return the class of a test; flaky is never the answer, since it takes reruns to know."""
    return _CELLS[before, after]
