"""Tries candidates on the tests to be fixed, as fast as is safe."""

import itertools
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType

from agent.patches.splice import apply_splices
from agent.planners.planner import Problem
from agent.planners.search.candidate import Candidate
from agent.planners.search.fork_client import FORK, Answer, in_order, speaks
from agent.planners.search.fork_lane import ALL, TARGETS, ForkLane
from agent.planners.search.fresh_lane import FreshLane, FreshRun
from agent.planners.search.pace import Pace, Rhythm, pace
from agent.protocol.check import Run, RunEnd, TestStatus
from agent.protocol.edit import Edit, Splice
from agent.verify.run_check import run_check

FRESH = FORK + 1
"""Tier 3: a new process on the real bytes."""
_WINDOW = 24
"""Candidates on their way for each worker: enough to keep it busy while one is confirmed."""
_POLL = 0.05
_SLOW_SHARE = 0.1
"""Part of the time spent on second tries of candidates that timed out."""
_MOST_SLOW = 500
_WAITING = 8


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a candidate did to the tests; `plausible` means all of them passed.

    `passed` and `failed` count tests up to the first failure. `tier` is 1, 2 or 3, `reason` says why
    it is not plausible. Not a proof: only a fresh process counts, see `Evaluator.confirm`.
    """

    candidate: Candidate
    plausible: bool
    passed: int
    failed: int
    tier: int
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Try:
    candidate: Candidate
    patient: bool = False


class Evaluator:
    """Runs candidates against the failing `targets`, and those that pass against the passing `guards`.

    A context manager: warm processes live as long as it. A target that passed in the baseline is a
    guard. `notes` says which tiers are off and why. Raises IsolationUnavailable without a sandbox.
    """

    def __init__(self, problem: Problem, targets: tuple[str, ...], guards: tuple[str, ...] = ()) -> None:
        failing = {test.id for test in problem.failing}
        self._tests = in_order(problem.baseline, (*targets, *guards))
        self._problem = problem
        some_fail = bool(failing & set(targets))
        self._targets = tuple(test for test in self._tests if test in (failing if some_fail else targets))
        self._final = ALL if len(self._tests) > len(self._targets) else TARGETS
        self._workers = max(1, int(problem.limits.cpus))
        self._pace = pace(problem.baseline, self._tests, problem.limits)
        self._rhythm = Rhythm()
        self._lane = ForkLane(problem, self._tests, self._targets, self._pace, self._workers)
        self._fresh: FreshLane | None = None
        self._bytes: dict[str, bytes] = {}
        self._tries: dict[int, _Try] = {}
        self._slow: deque[Candidate] = deque()
        self._slow_seconds = 0.0
        self._elsewhere: deque[_Try] = deque()
        self._fresh_tries: dict[int, _Try] = {}
        self._keys = itertools.count()
        self.evaluated = 0
        """Candidates that got an answer."""
        self.seconds = 0.0
        """Wall time spent in `evaluate`."""

    @property
    def slow(self) -> tuple[Candidate, ...]:
        """Return the candidates that timed out and may get a second try."""
        trying = (one.candidate for one in self._tries.values() if one.patient)
        return (*trying, *self._slow)

    def go_on(self, evaluated: int, seconds: float, slow: Iterable[Candidate]) -> None:
        """Take over the figures of an evaluation that was cut short, and what it left for a second try."""
        self.evaluated, self.seconds = evaluated, seconds
        self._slow.extend(slow)

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what made the evaluation slower than it could be."""
        return tuple(dict.fromkeys(self._lane.notes))

    def __enter__(self) -> "Evaluator":
        if speaks(self._problem.check):
            self._lane.start()
        else:
            self._lane.unusable = f"tests of a {self._problem.check.kind} check run in new processes only"
            self._lane.notes.append(self._lane.unusable)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lane.close()
        if self._fresh is not None:
            self._fresh.close()

    def evaluate(self, candidates: Iterable[Candidate], *, workers: int = 2) -> Iterator[Evaluation]:
        """Yield one evaluation a candidate as they finish, until the deadline; pulls candidates lazily.

        A candidate that timed out may be tried again with more patience; if that makes it plausible,
        it is yielded a second time.
        """
        source = iter(candidates)
        began, before = time.monotonic(), self.seconds
        workers = min(workers, self._workers)
        try:
            while not self._is_over():
                pulled = self._fill(source, workers)
                if not pulled and not self._tries and not self._elsewhere and not self._fresh_tries:
                    return
                for evaluation in self._finished():
                    self.evaluated += 1
                    self.seconds = before + time.monotonic() - began
                    yield evaluation
        finally:
            self.seconds = before + time.monotonic() - began
            self._abandon()

    def confirm(self, edits: Iterable[Edit]) -> Run:
        """Run targets and guards in a new process, on real bytes in a fresh sandbox; raises PatchRefused."""
        problem = self._problem
        tree = problem.store.apply(problem.tree, tuple(edits))
        with closing(problem.workbench.open(tree)) as sandbox:
            return run_check(
                sandbox,
                problem.check,
                python=problem.workbench.python,
                select=self._tests,
                seconds=max(1.0, problem.deadline - time.monotonic()),
                test_seconds=problem.limits.test_seconds,
                cancel=problem.cancel,
            )

    def _is_over(self) -> bool:
        return time.monotonic() >= self._problem.deadline or self._problem.cancel.is_set()

    def _fill(self, source: Iterator[Candidate], workers: int) -> bool:
        """Keep every lane supplied; False once nothing is left to pull or to try again."""
        self._supply_fresh(workers)
        more = True
        while more and self._has_room(workers):
            candidate = next(source, None)
            more = candidate is not None
            if candidate is not None:
                self._send(_Try(candidate), self._rhythm.hurry(self._pace))
        return self._try_slow(exhausted=not more) or more

    def _has_room(self, workers: int) -> bool:
        if self._lane.unusable:
            return len(self._elsewhere) < workers
        waiting = len(self._elsewhere) >= _WAITING
        return self._lane.accepts and not waiting and len(self._tries) < _WINDOW * workers

    def _try_slow(self, *, exhausted: bool) -> bool:
        if not self._slow or any(one.patient for one in self._tries.values()):
            return bool(self._slow)
        if exhausted or self._slow_seconds < _SLOW_SHARE * self.seconds:
            self._send(_Try(self._slow.popleft(), patient=True), self._pace.patient(self._problem.limits))
        return bool(self._slow)

    def _send(self, one: _Try, bounds: Pace) -> None:
        if self._lane.unusable:
            self._elsewhere.append(one)
            return
        files: dict[str, tuple[tuple[int, int, bytes], ...]] = {}
        for splice in one.candidate.splices:
            files[splice.path] = (*files.get(splice.path, ()), (splice.start, splice.end, splice.new))
        number = self._lane.submit(files, {path: self._content(path) for path in files}, bounds)
        self._tries[number] = one

    def _finished(self) -> Iterator[Evaluation]:
        if self._tries:
            for answer in self._lane.answers(_POLL):
                one = self._tries.pop(answer.id, None)
                if one is not None:
                    yield from self._judge(one, answer)
            if self._lane.unusable:
                self._move_on()
        if self._fresh is not None and self._fresh.busy:
            for run in self._fresh.finished(0.0 if self._tries else _POLL):
                yield self._judge_fresh(self._fresh_tries.pop(run.key), run)

    def _move_on(self) -> None:
        """Give what the fork lane still had to fresh processes."""
        self._elsewhere.extend(self._tries.values())
        self._tries.clear()

    def _judge(self, one: _Try, answer: Answer) -> Iterator[Evaluation]:
        if answer.end == "tier":
            self._elsewhere.append(one)
            return
        if not one.patient:
            self._rhythm.note((test.seconds for test in answer.tests), hung=answer.end == "timeout")
        passed = sum(test.status is TestStatus.PASSED for test in answer.tests)
        failed = len(answer.tests) - passed
        complete = answer.end == "done" and not answer.missing and answer.members == self._final
        plausible = complete and passed > 0 and not failed
        if one.patient:
            self._slow_seconds += answer.seconds
        elif answer.end == "timeout" and len(self._slow) < _MOST_SLOW:
            self._slow.append(one.candidate)
        if plausible or not one.patient:
            reason = "" if plausible else _why(answer)
            seconds = answer.seconds
            yield Evaluation(one.candidate, plausible, passed, failed, answer.tier, seconds, reason)

    def _supply_fresh(self, workers: int) -> None:
        while self._elsewhere and (self._fresh is None or self._fresh.busy < workers):
            if self._fresh is None:
                self._fresh = FreshLane(self._problem, self._tests, workers)
            one = self._elsewhere.popleft()
            old = {splice.path: self._content(splice.path) for splice in one.candidate.splices}
            new = {path: apply_splices(data, _of(one.candidate, path)) for path, data in old.items()}
            key = next(self._keys)
            self._fresh_tries[key] = one
            self._fresh.submit(key, new, old, self._pace)

    def _judge_fresh(self, one: _Try, fresh: FreshRun) -> Evaluation:
        tests = fresh.run.by_id() if fresh.run is not None else {}
        wanted = self._tests
        passed = sum(test in tests and tests[test].status is TestStatus.PASSED for test in wanted)
        complete = fresh.run is not None and fresh.run.end is RunEnd.COMPLETE
        plausible = complete and passed == len(wanted)
        reason = fresh.reason or (fresh.run.reason if fresh.run is not None else "")
        why = "" if plausible else reason or "tests fail"
        return Evaluation(one.candidate, plausible, passed, len(wanted) - passed, FRESH, fresh.seconds, why)

    def _content(self, path: str) -> bytes:
        if path not in self._bytes:
            self._bytes[path] = self._problem.store.read(self._problem.tree, path)
        return self._bytes[path]

    def _abandon(self) -> None:
        """Forget what is still on its way, so that a later call starts clean."""
        if self._tries:
            self._lane.cancel()
        self._slow.extendleft(one.candidate for one in self._tries.values() if one.patient)
        self._tries.clear()
        self._elsewhere.clear()
        if self._fresh is not None:
            self._fresh.close()
            self._fresh = None
        self._fresh_tries.clear()


def _of(candidate: Candidate, path: str) -> tuple[Splice, ...]:
    return tuple(splice for splice in candidate.splices if splice.path == path)


def _why(answer: Answer) -> str:
    bad = next((test for test in answer.tests if test.status is not TestStatus.PASSED), None)
    if bad is not None:
        return f"{bad.id} {bad.status}" + (f": {bad.error}" if bad.error else "")
    if answer.missing:
        return f"{answer.missing[0]} is not collected"
    return answer.reason or answer.end
