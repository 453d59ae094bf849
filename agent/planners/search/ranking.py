"""Which of several plausible candidates is most likely more than a trick on the tests."""

import math
import re
from collections.abc import Callable

from agent.planners.search.candidate import Candidate

_REMOVING = {
    "statements.delete": 2.0,
    "conditions.drop_part": 0.7,
    "guards.unguard": 1.0,
    "exceptions.handle": 1.5,
    "exceptions.caught": 0.3,
    "statements.leave": 1.0,
    "arguments.drop": 0.3,
    "collections.element": 0.2,
    "returns.missing": 0.3,
}
"""Edits that take behaviour away fit weak tests best, so they must be much likelier to come first."""
_CONSTANT_CONDITION = re.compile(
    rb"^(if|elif|while|return)?\s*\(?(not )?(True|False|None|0|1|\"\"|\[\]|\{\}|\(\))\)?\s*:?$"
)
_LITERAL = re.compile(rb"\"[^\"\n]{2,}\"|'[^'\n]{2,}'|\b\d{2,}\b")
_SIZE = 0.03
_TOKEN = re.compile(rb"\w+|[<>=!*/+%&|^@:-]+|[^\w\s]")
_GROWTH = 0.5
"""What each token counts by which an edit makes the code longer: of two explanations the shorter."""


def preference(candidate: Candidate, source: Callable[[str], bytes], test_source: bytes) -> float:
    """Return how much a plausible candidate is to be preferred; compare it between candidates only.

    `source` gives the bytes of a file, `test_source` those of the failing tests' files.
    """
    value = math.log(max(candidate.score, 1e-9))
    value -= sum(_REMOVING.get(part, 0.0) for part in candidate.template.split(" + "))
    for splice in candidate.splices:
        value -= _SIZE * edit_size(splice.old, splice.new) + _GROWTH * growth(splice.old, splice.new)
        if _CONSTANT_CONDITION.match(splice.new.strip()):
            value -= 1.5
        value -= 2.0 * _taken_from_tests(splice.new, source(splice.path), test_source)
    return value


def edit_size(old: bytes, new: bytes) -> int:
    """Return the number of bytes taken away and put in, what both share at their ends not counted."""
    limit = min(len(old), len(new))
    head = next((at for at in range(limit) if old[at] != new[at]), limit)
    rest = limit - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return len(old) + len(new) - 2 * (head + tail)


def growth(old: bytes, new: bytes) -> int:
    """Return the number of tokens that an edit adds on balance, 0 when it shortens."""
    return max(0, len(_TOKEN.findall(new)) - len(_TOKEN.findall(old)))


def _taken_from_tests(new: bytes, own: bytes, test_source: bytes) -> int:
    """Count literals that the edit brings in and only the tests mention."""
    return sum(1 for literal in set(_LITERAL.findall(new)) if literal not in own and literal in test_source)
