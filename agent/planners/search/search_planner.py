"""The embedded planner: localizes, tries edits by their likelihood, and offers the best that passes."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from agent.planners.planner import Exhausted, Problem
from agent.planners.search import saved
from agent.planners.search.candidate import Candidate
from agent.planners.search.evaluation import Evaluation, Evaluator
from agent.planners.search.frontier import Frontier, Load, Reached
from agent.planners.search.localization import localize, passing_tests
from agent.planners.search.minimization import minimize
from agent.planners.search.ranking import preference
from agent.planners.search.rationale import rationale
from agent.planners.search.saved import Saved
from agent.planners.search.sources import Sources
from agent.protocol.check import RunEnd, TestStatus
from agent.protocol.edit import Splice
from agent.protocol.errors import PatchRefused
from agent.protocol.progress import Progress
from agent.protocol.proposal import Effort, Proposal, Suspect
from agent.verify.classes import FAILING

GRACE_CANDIDATES = 300
GRACE_SECONDS = 6.0
"""How long the search goes on after the first confirmed candidate, to choose among several."""
_MOST_CONFIRMED = 8
_MOST_UNCONFIRMED = 40
_MOST_GUARDS = 80
_GUARD_SECONDS = 1.5
_TICK = 0.3


class SearchPlanner:
    """Search-based program repair with general edits; deterministic for one problem and seed."""

    name = "search"

    def __init__(self) -> None:
        self._kept: dict[tuple[str, tuple[str, ...]], tuple[Candidate, ...]] = {}

    def localize(self, problem: Problem) -> tuple[Suspect, ...]:
        """Rank suspicious lines, most suspicious first."""
        return localize(problem, Sources(problem.store, problem.tree))

    def propose(self, problem: Problem, suspects: tuple[Suspect, ...], cursor: int) -> Proposal | Exhausted:
        """Search on from `cursor` for edits that pass the target tests in a fresh process."""
        if not suspects:
            return Exhausted("no line of the project is under suspicion: the failing tests execute none")
        key = (problem.tree, tuple(test.id for test in problem.failing))
        sources = Sources(problem.store, problem.tree)
        known = saved.load(problem)
        if known is not None and not known.over:
            # What the process that was cut short took counts as well.
            problem = replace(problem, deadline=problem.deadline - known.seconds)
        with Evaluator(problem, key[1], guards(problem, sources)) as evaluator:
            episode = Episode(problem, sources, evaluator)
            found = episode.go_on(suspects, known) if known else self._found(episode, key, suspects, cursor)
            if found is None or problem.cancel.is_set():
                return episode.exhausted()
            self._kept[key] = tuple(one for one in episode.confirmed if one is not found)
            return episode.proposal(found)

    def _found(
        self,
        episode: "Episode",
        key: tuple[str, tuple[str, ...]],
        suspects: tuple[Suspect, ...],
        cursor: int,
    ) -> Candidate | None:
        kept = self._kept.pop(key, ())
        if cursor and not kept:
            kept = episode.lost_before()
        if cursor and kept:
            # Plausible ones that lost against the refused one were confirmed already.
            return episode.choose(kept, cursor)
        return episode.search(suspects, Reached(cursors=(cursor,)))


def guards(problem: Problem, sources: Sources) -> tuple[str, ...]:
    """Choose quick passing tests of the same code: a candidate that breaks them is no fix."""
    took = {test.id: test.seconds for test in problem.baseline.tests}
    chosen: list[str] = []
    seconds = 0.0
    for test in passing_tests(problem, sources):
        if len(chosen) < _MOST_GUARDS and seconds + took[test] <= _GUARD_SECONDS:
            seconds += took[test]
            chosen.append(test)
    return tuple(chosen)


@dataclass(slots=True)
class Episode:
    """One call of the search: what was tried, what passed."""

    problem: Problem
    sources: Sources
    evaluator: Evaluator
    confirmed: list[Candidate] = field(default_factory=list)
    cursor: int = 0
    unconfirmed: int = 0
    started: float = field(default_factory=time.monotonic)
    _saved_at: float = field(default_factory=time.monotonic)
    _ticked: float = 0.0
    _grace_from: tuple[int, float] | None = None
    _most_passed: int = 0

    def search(self, suspects: tuple[Suspect, ...], reached: Reached) -> Candidate | None:
        """Try candidates until a confirmed one had its grace, or nothing is left of time or candidates."""
        frontier = Frontier(suspects, self.sources.load, self._fresh, seed=self.problem.seed, reached=reached)
        for answer in self.evaluator.evaluate(frontier):
            if answer.plausible and self.unconfirmed < _MOST_UNCONFIRMED:
                self._confirm(answer.candidate)
            if self.problem.cancel.is_set():
                # The last answer may have been cut short: whoever goes on has to ask again.
                break
            frontier.answered(answer.candidate, partial=self._is_partial(answer))
            self._tick()
            if time.monotonic() - self._saved_at >= saved.EVERY_SECONDS:
                self._save(frontier.reached)
            if self._is_enough():
                break
        self.cursor = frontier.cursor
        self._save(frontier.reached, over=bool(self.confirmed) and not self.problem.cancel.is_set())
        return self.best()

    def choose(self, confirmed: tuple[Candidate, ...], cursor: int) -> Candidate | None:
        """Return the best of what was confirmed before."""
        self.confirmed, self.cursor = list(confirmed), cursor
        self._save(Reached(cursors=(cursor,)), over=True)
        return self.best()

    def go_on(self, suspects: tuple[Suspect, ...], known: Saved) -> Candidate | None:
        """Go on where an earlier process was cut short."""
        self.confirmed, self.cursor = list(known.confirmed), known.reached.cursors[0]
        self.unconfirmed, self._most_passed = known.unconfirmed, known.most_passed
        self.evaluator.go_on(known.evaluated, known.seconds, known.slow)
        if known.grace is not None:
            self._grace_from = (known.grace[0], time.monotonic() - known.grace[1])
        return self.best() if known.over else self.search(suspects, known.reached)

    def lost_before(self) -> tuple[Candidate, ...]:
        """Return what an earlier process confirmed beside the proposal that was refused."""
        known = saved.load_before(self.problem)
        confirmed = known.confirmed if known is not None and known.over else ()
        offered = self._best_of(confirmed)
        return tuple(one for one in confirmed if one is not offered)

    def _save(self, reached: Reached, *, over: bool = False) -> None:
        now = self._saved_at = time.monotonic()
        so_far = Saved(
            seed=self.problem.seed,
            reached=reached,
            confirmed=tuple(self.confirmed),
            slow=self.evaluator.slow,
            evaluated=self.evaluator.evaluated,
            seconds=self.evaluator.seconds,
            unconfirmed=self.unconfirmed,
            most_passed=self._most_passed,
            grace=self._grace_from and (self._grace_from[0], now - self._grace_from[1]),
            over=over,
        )
        saved.save(self.problem, so_far)

    def best(self) -> Candidate | None:
        """Return the confirmed candidate that is least likely to fit the tests only."""
        return self._best_of(self.confirmed)

    def _best_of(self, confirmed: Iterable[Candidate]) -> Candidate | None:
        tests = b"\n".join(
            self.sources.read(path) for path in {test.id.split("::", 1)[0] for test in self.problem.failing}
        )
        ranked = sorted(confirmed, key=lambda one: (-preference(one, self.sources.read, tests), one.ordinal))
        return ranked[0] if ranked else None

    def proposal(self, found: Candidate) -> Proposal:
        """Return the minimized candidate as a proposal."""
        self.problem.on_progress(Progress(phase="minimize", message=f"{found.path}:{found.line}"))
        splices = minimize(found.splices, self._passes) if len(found.splices) > 1 else found.splices
        return Proposal(
            planner=SearchPlanner.name,
            edits=splices,
            rationale=rationale(found, splices, self.sources.read),
            effort=Effort(candidates=self.evaluator.evaluated, seconds=self.evaluator.seconds),
            cursor=self.cursor,
        )

    def exhausted(self) -> Exhausted:
        """Say why nothing was found."""
        seconds = time.monotonic() - self.started
        timed_out = time.monotonic() >= self.problem.deadline
        if self.problem.cancel.is_set():
            reason = f"cancelled after {self.evaluator.evaluated} candidates"
        elif timed_out:
            reason = f"the time limit was reached after {self.evaluator.evaluated} candidates"
        else:
            reason = f"none of the {self.evaluator.evaluated} candidates passes the failing tests"
        return Exhausted(reason, self.evaluator.evaluated, seconds, timed_out)

    def _fresh(self) -> Load:
        return Sources(self.problem.store, self.problem.tree).load

    def _confirm(self, candidate: Candidate) -> None:
        if candidate.ordinal in {one.ordinal for one in self.confirmed}:
            return
        if self._passes(candidate.splices):
            self.confirmed.append(candidate)
            if self._grace_from is None:
                self._grace_from = (self.evaluator.evaluated, time.monotonic())
        elif not self.problem.cancel.is_set():
            self.unconfirmed += 1

    def _passes(self, splices: tuple[Splice, ...]) -> bool:
        if self.problem.cancel.is_set() or time.monotonic() >= self.problem.deadline:
            return False
        try:
            run = self.evaluator.confirm(splices)
        except PatchRefused:
            return False
        done = run.end is RunEnd.COMPLETE and all(test.status not in FAILING for test in run.tests)
        results = run.by_id()
        wanted = [test.id for test in self.problem.failing]
        return done and all(one in results and results[one].status is TestStatus.PASSED for one in wanted)

    def _is_partial(self, answer: Evaluation) -> bool:
        """Say whether a candidate got further than the unchanged code: more tests, or past an error."""
        wanted = len(self.problem.failing)
        if answer.plausible or "+" in answer.candidate.template or answer.passed >= wanted:
            return False
        self._most_passed = max(self._most_passed, answer.passed)
        if answer.passed > 0:
            return answer.passed >= self._most_passed
        before = self.problem.failing[0]
        return not before.assertion and answer.failed > 0 and answer.reason.endswith("AssertionError")

    def _is_enough(self) -> bool:
        if len(self.confirmed) >= _MOST_CONFIRMED:
            return True
        if self._grace_from is None:
            return False
        tried, at = self._grace_from
        return self.evaluator.evaluated - tried >= GRACE_CANDIDATES or time.monotonic() - at >= GRACE_SECONDS

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._ticked < _TICK:
            return
        self._ticked = now
        seconds = max(self.evaluator.seconds, 1e-6)
        self.problem.on_progress(
            Progress(
                phase="search",
                candidates=self.evaluator.evaluated,
                candidates_per_second=self.evaluator.evaluated / seconds,
                best=self._best_so_far(),
                seconds_left=max(0.0, self.problem.deadline - now),
            )
        )

    def _best_so_far(self) -> str | None:
        if self.confirmed:
            return f"{len(self.confirmed)} pass all target tests"
        total = len(self.problem.failing)
        return f"{self._most_passed} of {total} target tests pass" if self._most_passed else None
