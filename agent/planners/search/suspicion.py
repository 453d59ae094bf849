"""How suspicious each line is: Ochiai, stack traces, and lines that only failing tests execute."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.protocol.check import TestResult

Line = tuple[str, int]

_OCHIAI = 0.7
_TRACE = 0.25
_ONLY_FAILING = 0.05
"""Shares of the three signals. On 135 faults of BugsInPy (Rezaalipour and Furia, EMSE 2024) Ochiai alone has
the statement among its first ten in 54 %, stack traces in 13 %, cheap signals combined in 56 %."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The score of a line, in 0..1, and the signals it rests on."""

    score: float
    reason: str


def rank_lines(
    failing: Sequence[frozenset[Line]], passing: Sequence[frozenset[Line]], traces: Iterable[TestResult]
) -> dict[Line, Suspicion]:
    """Score every line that a failing test executed or that stands in its stack trace."""
    failed = Counter(line for covered in failing for line in covered)
    passed = Counter(line for covered in passing for line in covered)
    traced = trace_scores(traces)
    contrast = any(passed[line] for line in failed)
    scores: dict[Line, Suspicion] = {}
    for line in failed.keys() | traced.keys():
        ochiai = _ochiai(failed[line], passed[line], len(failing))
        only = 1.0 if failed[line] and not passed[line] and contrast else 0.0
        score = _OCHIAI * ochiai + _TRACE * traced.get(line, 0.0) + _ONLY_FAILING * only
        scores[line] = Suspicion(score, _reason(ochiai, failed[line], passed[line], line in traced))
    return scores


def trace_scores(results: Iterable[TestResult]) -> dict[Line, float]:
    """Score the lines of stack traces: 1 for the innermost frame, a half for its caller, and so on."""
    scores: dict[Line, float] = {}
    for result in results:
        seen: set[Line] = set()
        depth = 0
        for frame in reversed(result.trace):
            line = (frame.path, frame.line)
            if line not in seen:
                seen.add(line)
                depth += 1
                scores[line] = max(scores.get(line, 0.0), 1.0 / depth)
    return scores


def normalized(scores: Mapping[Line, Suspicion]) -> dict[Line, Suspicion]:
    """Return the scores with the largest one at 1."""
    top = max((one.score for one in scores.values()), default=0.0)
    if top <= 0:
        return dict(scores)
    return {line: Suspicion(min(1.0, one.score / top), one.reason) for line, one in scores.items()}


def _ochiai(failed: int, passed: int, failing: int) -> float:
    if not failed or not failing:
        return 0.0
    return failed / math.sqrt(failing * (failed + passed))


def _reason(ochiai: float, failed: int, passed: int, traced: bool) -> str:
    parts = []
    if failed:
        parts.append(f"executed by {failed} failing and {passed} passing tests (Ochiai {ochiai:.2f})")
    if traced:
        parts.append("in the stack trace")
    return ", ".join(parts)
