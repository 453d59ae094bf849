"""When going on is of no use: the same call with the same answer, or verdicts that get no better."""

from collections import Counter
from collections.abc import Sequence

from agent.protocol.conversation import Turn
from agent.protocol.verdict import Verdict

SAME_CALLS = 3
"""Equal calls with equal results, on an equal tree, that count as a loop."""
FLAT_VERDICTS = 3
"""Verdicts in a row without progress."""


def stuck(turns: Sequence[Turn], verdicts: Sequence[Verdict]) -> str:
    """Return one sentence on why a model gets nowhere, empty while it may get somewhere."""
    seen = Counter((turn.tree, use.name, use.arguments, use.result) for turn in turns for use in turn.uses)
    again = [key for key, count in seen.items() if count >= SAME_CALLS]
    if again:
        return f"the model repeats itself: {again[0][1]} was called {SAME_CALLS} times with the same result"
    silent = turns[-SAME_CALLS:]
    if len(silent) == SAME_CALLS and all(turn.is_last_word and not turn.text.strip() for turn in silent):
        return f"the model gave {SAME_CALLS} empty answers"
    if len(verdicts) > FLAT_VERDICTS and not _progress(verdicts[-FLAT_VERDICTS - 1 :]):
        return f"{FLAT_VERDICTS} proposals in a row came no nearer to the goal"
    return ""


def _progress(verdicts: Sequence[Verdict]) -> bool:
    first, *later = (verdict.standing for verdict in verdicts)
    return any(one > first for one in later)
