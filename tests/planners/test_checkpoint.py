"""A search that is cut short goes on where it was, and comes to what it would have come to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from agent.planners.planner import Exhausted, NoCheckpoint, Problem
from agent.planners.search import saved, search_planner
from agent.planners.search.candidate import Candidate
from agent.planners.search.frontier import Frontier, Reached
from agent.planners.search.order import SourceFile
from agent.planners.search.pairs import FIRST_PAIR
from agent.planners.search.saved import Saved
from agent.planners.search.search_planner import SearchPlanner
from agent.protocol.edit import Splice
from agent.protocol.progress import Progress
from agent.protocol.proposal import Proposal, Suspect
from tests.planners.bench import Bench

LIBRARY = b"""\
def clamp(value, low, high):
    if value < low:
        return low
    if value > high:
        return low
    return value


def spread(values, low, high):
    total = 0
    for value in values:
        total += clamp(value, low, high)
    return total - low * len(values)
"""
FILES = {
    "lib.py": LIBRARY,
    "test_lib.py": (
        "from lib import clamp, spread\n\n\ndef test_clamp():\n    assert clamp(5, 0, 3) == 3\n"
        "    assert clamp(-1, 0, 3) == 0\n    assert clamp(2, 0, 3) == 2\n\n\n"
        "def test_spread():\n    assert spread([1, 2], 0, 9) == 3\n"
    ),
}
FEW = tuple(Suspect(path="lib.py", line=line, score=0.9 - line / 50) for line in (4, 5))

ALL = 1_000_000


@dataclass
class Memory:
    """A checkpoint that outlives a planner."""

    data: bytes | None = None
    earlier: bytes | None = None
    saved: list[Saved] = field(default_factory=list)

    def load(self) -> bytes | None:
        return self.data

    def before(self) -> bytes | None:
        return self.earlier

    def save(self, data: bytes) -> None:
        self.data = data
        self.saved.append(Saved.model_validate_json(data))


def load(path: str) -> SourceFile:
    return SourceFile(path, LIBRARY)


def frontier(reached: Reached | None = None) -> Frontier:
    return Frontier(FEW, load, lambda: load, seed=3, reached=reached)


def drained(source: Frontier, count: int, partial: Callable[[Candidate], bool]) -> list[int]:
    """Pull and answer candidates, each three after it was pulled, as an evaluation does."""
    pulled: list[Candidate] = []
    for candidate in source:
        pulled.append(candidate)
        if len(pulled) >= 4:
            source.answered(pulled[-4], partial=partial(pulled[-4]))
        if len(pulled) == count:
            break
    return [candidate.ordinal for candidate in pulled]


def is_partial(candidate: Candidate) -> bool:
    return candidate.ordinal in (7, 11)


@pytest.mark.parametrize("cut", [1, 20, 150])
def test_a_frontier_that_was_cut_gives_out_what_had_no_answer_and_then_the_rest(cut: int) -> None:
    whole = drained(frontier(), ALL, is_partial)
    first = frontier()
    before = drained(first, cut, is_partial)
    reached = Reached.model_validate_json(first.reached.model_dump_json())
    after = drained(frontier(reached), ALL, is_partial)

    assert set(before) & set(after) == set(before[-3:])
    assert set(before) | set(after) == set(whole)
    assert len(after) == len(set(after))
    assert any(ordinal >= FIRST_PAIR for ordinal in whole)


def test_a_frontier_that_was_cut_twice_loses_and_repeats_nothing() -> None:
    first = frontier()
    seen = drained(first, 40, is_partial)[:-3]
    second = frontier(first.reached)
    seen += drained(second, 7, is_partial)[:-3]
    seen += drained(frontier(second.reached), ALL, is_partial)
    assert sorted(seen) == sorted(drained(frontier(), ALL, is_partial))


def test_what_is_saved_survives_its_json_form() -> None:
    splice = Splice(path="lib.py", start=3, old=b"\xff", new=b"\x00")
    candidate = Candidate(4, (splice,), "names.swap", "lib.py", 2, "clamp", 0.25)
    whole = Saved(
        seed=1,
        reached=Reached(cursors=(4, FIRST_PAIR), answered=(6, 9), partial=(candidate,), turns=(0,), turn=8),
        confirmed=(candidate,),
        slow=(candidate,),
        grace=(20, 1.5),
    )
    assert Saved.model_validate_json(whole.model_dump_json()) == whole


@pytest.mark.parametrize("found", [b"", b"{}", b'{"seed": 1}', b"\xff"])
def test_a_checkpoint_that_cannot_be_read_is_as_good_as_none(bench: Bench, found: bytes) -> None:
    with bench.problem(FILES) as problem:
        assert saved.load(replace(problem, checkpoint=Memory(found))) is None


def test_a_checkpoint_of_another_seed_or_version_says_nothing(bench: Bench) -> None:
    with bench.problem(FILES) as problem:
        kept = replace(problem, checkpoint=Memory())
        saved.save(kept, Saved(seed=problem.seed, reached=Reached(cursors=(5,))))
        assert saved.load(kept) is not None
        assert saved.load(replace(kept, seed=problem.seed + 1)) is None
        saved.save(kept, Saved(seed=problem.seed, reached=Reached(cursors=(5,)), version="0.0.1"))
        assert saved.load(kept) is None


def test_without_a_checkpoint_nothing_is_kept() -> None:
    nothing = NoCheckpoint()
    nothing.save(b"x")
    assert nothing.load() is None


def cut_after(problem: Problem, candidates: int, memory: Memory) -> None:
    """Search until so many candidates were tried, and no further."""
    cancel = threading.Event()

    def watch(update: Progress) -> None:
        if (update.candidates or 0) >= candidates:
            cancel.set()

    cut = replace(problem, cancel=cancel, checkpoint=memory, on_progress=watch)
    assert isinstance(SearchPlanner().propose(cut, FEW, 0), Exhausted | Proposal)
    assert cancel.is_set()


@pytest.mark.long
def test_a_search_that_was_cut_goes_on_and_finds_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without these bounds all candidates compete, however fast the machine is.
    monkeypatch.setattr(search_planner, "GRACE_SECONDS", 1000.0)
    monkeypatch.setattr(search_planner, "GRACE_CANDIDATES", ALL)
    monkeypatch.setattr(search_planner, "_MOST_CONFIRMED", ALL)
    monkeypatch.setattr(search_planner, "_TICK", 0.0)
    with bench.problem(FILES, seconds=120) as problem:
        whole = SearchPlanner().propose(problem, FEW, 0)
        assert isinstance(whole, Proposal)
        memory = Memory()
        cut_after(problem, 25, memory)
        reached = memory.saved[-1]
        assert not reached.over and reached.evaluated >= 25 and reached.reached.cursors[0] > 0
        again = SearchPlanner().propose(replace(problem, checkpoint=memory), FEW, 0)
        assert isinstance(again, Proposal)
    assert (again.edits, again.rationale) == (whole.edits, whole.rationale)
    assert again.effort.candidates >= reached.evaluated


def test_candidates_that_were_confirmed_before_the_cut_are_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "EVERY_SECONDS", 0.0)
    with bench.problem(FILES, seconds=120) as problem:
        memory = Memory()
        found = SearchPlanner().propose(replace(problem, checkpoint=memory), FEW, 0)
        assert isinstance(found, Proposal)
        killed = next(one for one in memory.saved if one.confirmed and not one.over)
        memory.data = killed.model_dump_json().encode()
        ended = replace(problem, deadline=0.0, checkpoint=memory)
        again = SearchPlanner().propose(ended, FEW, 0)
    # No time is left to try anything, so what it offers can only be what it was left.
    assert isinstance(again, Proposal)
    assert again.edits in [one.splices for one in killed.confirmed]


@pytest.mark.long
def test_candidates_that_lost_are_offered_by_another_process_when_the_first_is_refused(bench: Bench) -> None:
    with bench.problem(FILES, seconds=120) as problem:
        memory, planner = Memory(), SearchPlanner()
        first = planner.propose(replace(problem, checkpoint=memory), FEW, 0)
        assert isinstance(first, Proposal)
        here, there = Memory(earlier=memory.data), Memory(earlier=memory.data)
        known = planner.propose(replace(problem, checkpoint=here), FEW, first.cursor)
        again = SearchPlanner().propose(replace(problem, checkpoint=there), FEW, first.cursor)
        # Killed once more, after it had chosen.
        third = SearchPlanner().propose(replace(problem, checkpoint=there), FEW, first.cursor)
    assert isinstance(known, Proposal) and isinstance(again, Proposal) and isinstance(third, Proposal)
    assert known.edits == again.edits == third.edits != first.edits


def test_a_process_that_died_after_it_had_chosen_offers_the_same_again(bench: Bench) -> None:
    with bench.problem(FILES, seconds=120) as problem:
        kept = replace(problem, checkpoint=Memory())
        first = SearchPlanner().propose(kept, FEW, 0)
        again = SearchPlanner().propose(replace(kept, deadline=0.0), FEW, 0)
    assert isinstance(first, Proposal)
    assert again == first


def test_the_time_that_a_cut_search_took_is_taken_off_its_limit(bench: Bench) -> None:
    with bench.problem(FILES, seconds=120) as problem:
        spent = Saved(seed=problem.seed, reached=Reached(cursors=(0,)), seconds=1000.0)
        memory = Memory(spent.model_dump_json().encode())
        ended = SearchPlanner().propose(replace(problem, checkpoint=memory), FEW, 0)
    assert isinstance(ended, Exhausted) and ended.timed_out
