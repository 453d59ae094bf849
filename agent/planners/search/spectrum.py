"""Which lines of the project each test runs."""

import time
from contextlib import closing
from dataclasses import dataclass

from agent.planners.planner import Problem
from agent.planners.search.fork_client import FORK, SWAP, Answer, ForkServer, Job, in_order, speaks
from agent.planners.search.pace import Pace
from agent.protocol.check import TestStatus
from agent.verify.failures import sandbox_errors_mapped
from sandboxes.errors import SandboxLost
from sandboxes.sandbox import MIB

Line = tuple[str, int]
_CHUNK = 25
_SLOWDOWN = 20.0
"""How much longer a traced test may take than it did untraced."""
_HANGING = 1.5
_POLL = 0.1


@dataclass(frozen=True, slots=True)
class TracedTest:
    """One test and the (path, line) pairs that it ran; partial when it timed out."""

    id: str
    status: TestStatus
    covered: frozenset[Line]


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Coverage test by test; `imported` are lines that ran while modules were imported."""

    tests: tuple[TracedTest, ...]
    truncated: bool
    """Not every wanted test was traced."""
    imported: frozenset[Line] = frozenset()
    reason: str = ""
    """One sentence when `truncated`."""


def trace(problem: Problem, tests: tuple[str, ...], seconds: float) -> Spectrum:
    """Trace tests for at most `seconds`, failing ones first, then in the order given."""
    if not speaks(problem.check):
        return Spectrum((), True, reason=f"tests of a {problem.check.kind} check cannot be traced")
    end = min(time.monotonic() + seconds, problem.deadline)
    with sandbox_errors_mapped(), closing(problem.workbench.open(problem.tree)) as sandbox:
        workers = max(1, int(problem.limits.cpus))
        try:
            server = ForkServer(
                sandbox,
                problem.workbench.python,
                problem.check,
                {"all": in_order(problem.baseline, tests)},
                workers=workers,
                memory=problem.limits.memory_mib * MIB // (2 * workers),
            )
            with closing(server):
                return _Tracing(problem, server, end).run(tests)
        except SandboxLost as error:
            return Spectrum((), True, reason=f"the tracer was lost: {error.message}")


class _Tracing:
    """The chunks of one trace: each runs in file order; what a hanging test kept from running goes on."""

    def __init__(self, problem: Problem, server: ForkServer, end: float) -> None:
        self._problem = problem
        self._server = server
        self._end = end
        self._baseline = problem.baseline.by_id()
        self._found: dict[str, TracedTest] = {}
        self._imported: set[Line] = set()
        self._running: dict[int, tuple[str, ...]] = {}
        self._number = 0
        self._reason = ""

    def run(self, tests: tuple[str, ...]) -> Spectrum:
        self._server.wait(self._left(), self._problem.cancel)
        if self._server.tiers[FORK] and self._server.tiers[SWAP]:
            return Spectrum((), True, reason=f"no tracer: {self._server.tiers[FORK]}")
        failing = {test.id for test in self._problem.failing}
        wanted = tuple(dict.fromkeys(tests))
        first = tuple(test for test in wanted if test in failing)
        rest = tuple(test for test in wanted if test not in failing)
        # A fork before import also sees the lines that run while modules are loaded.
        self._submit(first, FORK)
        for start in range(0, len(rest), _CHUNK):
            self._submit(rest[start : start + _CHUNK], SWAP)
        while self._running and self._left() > 0 and not self._problem.cancel.is_set():
            for answer in self._server.answers(min(_POLL, self._left())):
                self._take(answer)
        truncated = any(test not in self._found for test in wanted)
        reason = self._reason or ("the time for tracing was over" if truncated else "")
        found = tuple(self._found[test] for test in wanted if test in self._found)
        return Spectrum(found, truncated, frozenset(self._imported), reason)

    def _left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def _submit(self, tests: tuple[str, ...], tier: int) -> None:
        if not tests:
            return
        self._number += 1
        self._running[self._number] = tests
        limit = self._limit(tests)
        usable = tier if not self._server.tiers[tier] else SWAP + FORK - tier
        bounds = Pace(limit, limit, self._left(), self._left())
        job = Job(self._number, bounds, usable, ids=tests, stop=False, trace=True, exact=True)
        self._server.submit([job], {})

    def _limit(self, tests: tuple[str, ...]) -> float:
        """Return the seconds that one of these tests may take; known hangs get little."""
        known = [self._baseline[test] for test in tests if test in self._baseline]
        longest = max((test.seconds for test in known if test.status is not TestStatus.TIMEOUT), default=0.0)
        return min(max(_HANGING, _SLOWDOWN * longest), max(self._end - time.monotonic(), _HANGING))

    def _take(self, answer: Answer) -> None:
        asked = self._running.pop(answer.id, ())
        self._imported.update(_flat(answer, ""))
        done = {test.id for test in answer.tests}
        for test in answer.tests:
            self._found[test.id] = TracedTest(test.id, test.status, _flat(answer, test.id))
        stuck = next((test for test in answer.order if test not in done), None)
        if answer.end in ("done", "tier", "lost", "cancelled") or stuck is None:
            self._reason = self._reason or answer.reason
            return
        status = TestStatus.TIMEOUT if answer.end == "timeout" else TestStatus.CRASHED
        self._found[stuck] = TracedTest(stuck, status, _flat(answer, stuck))
        later = tuple(test for test in asked if test not in done and test != stuck)
        self._submit(tuple(test for test in answer.order if test in later), answer.tier)


def _flat(answer: Answer, test: str) -> frozenset[Line]:
    return frozenset((path, line) for path, lines in answer.lines.get(test, {}).items() for line in lines)
