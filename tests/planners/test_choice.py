"""Among plausible candidates the least suspicious of overfitting wins, without parts it does not need."""

import itertools
from collections.abc import Iterator

from agent.planners.search.candidate import Candidate
from agent.planners.search.frontier import Frontier, Load
from agent.planners.search.minimization import minimize
from agent.planners.search.order import SourceFile
from agent.planners.search.pairs import FIRST_PAIR
from agent.planners.search.ranking import edit_size, growth, preference
from agent.planners.search.rationale import rationale
from agent.protocol.edit import Splice
from agent.protocol.proposal import Suspect

SOURCE = b"def f(a, b):\n    if a > b:\n        return a\n    return b\n"


def candidate(old: str, new: str, template: str = "operators.comparison", score: float = 0.01) -> Candidate:
    start = SOURCE.index(old.encode())
    splice = Splice(path="m.py", start=start, old=old.encode(), new=new.encode())
    return Candidate(0, (splice,), template, "m.py", SOURCE[:start].count(b"\n") + 1, "f", score)


def better(one: Candidate, other: Candidate, tests: bytes = b"") -> bool:
    return preference(one, lambda path: SOURCE, tests) > preference(other, lambda path: SOURCE, tests)


def test_a_changed_condition_is_preferred_to_a_deleted_statement():
    deleted = candidate("        return a\n", "        pass\n", "statements.delete")
    assert better(candidate("a > b", "a >= b"), deleted)


def test_a_condition_is_preferred_to_a_constant():
    assert better(candidate("a > b", "a < b"), candidate("a > b", "True"))


def test_a_literal_that_only_the_tests_know_is_distrusted():
    special = candidate("return b", "return 417")
    assert better(candidate("return b", "return -b"), special, b"assert f(1, 2) == 417")
    assert not better(candidate("return b", "return 523"), special, b"assert f(1, 2) == 523")


def test_the_smaller_of_two_alike_edits_is_preferred():
    assert better(candidate("a > b", "a >= b"), candidate("a > b", "len(str(a)) > len(str(b))"))


def test_the_size_of_an_edit_leaves_out_what_stays():
    assert edit_size(b"a > b", b"a >= b") == 1
    assert edit_size(b"abc", b"abc") == 0
    assert edit_size(b"", b"xy") == 2


def test_parts_that_are_not_needed_are_dropped():
    parts = tuple(Splice(path="m.py", start=at, old=b"", new=str(at).encode()) for at in range(4))
    needed = {parts[1], parts[3]}
    assert minimize(parts, lambda kept: needed <= set(kept)) == (parts[1], parts[3])


def test_nothing_is_dropped_when_everything_is_needed():
    parts = tuple(Splice(path="m.py", start=at, old=b"", new=b"x") for at in range(3))
    assert minimize(parts, lambda kept: len(kept) == 3) == parts


def test_the_rationale_names_place_function_and_change():
    one = candidate("a > b", "a < b")
    change = "In f, m.py:2 turns `if a > b:` into `if a < b:` (operators.comparison)"
    said = rationale(one, one.splices, lambda path: SOURCE)
    assert said == f"{change}: with it the failing tests pass."


def test_the_rationale_of_an_inserted_line_says_what_is_added():
    start = SOURCE.index(b"    if a")
    splice = Splice(path="m.py", start=start, old=b"", new=b"    a = abs(a)\n")
    text = rationale(candidate("a > b", "a < b"), (splice,), lambda path: SOURCE)
    assert "m.py:2 adds `a = abs(a)`" in text


def frontier(cursor: int = 0) -> Frontier:
    suspects = tuple(Suspect(path="m.py", line=line, score=1.0) for line in (2, 3, 4))
    file = SourceFile("m.py", SOURCE)

    def fresh() -> Load:
        again = SourceFile("m.py", SOURCE)
        return lambda path: again

    return Frontier(suspects, lambda path: file, fresh, seed=0, cursor=cursor)


def take(source: Iterator[Candidate], count: int) -> list[Candidate]:
    return [next(source) for _ in range(count)]


def test_the_cursor_stays_before_the_first_candidate_without_an_answer():
    search = frontier()
    tried = take(search, 6)
    for one in (tried[0], tried[1], tried[4]):
        search.answered(one, partial=False)
    assert search.cursor == tried[2].ordinal
    for one in tried:
        search.answered(one, partial=False)
    assert search.cursor == tried[5].ordinal + 1


def test_a_search_goes_on_at_its_cursor():
    search = frontier()
    tried = take(search, 40)
    again = frontier(cursor=tried[25].ordinal)
    assert take(again, 15) == tried[25:]


def test_a_partial_fix_gets_second_edits_in_turn_with_single_ones():
    search = frontier()
    first = take(search, 5)
    search.answered(first[0], partial=True)
    later = take(search, 30)
    pairs = [one for one in later if one.ordinal >= FIRST_PAIR]
    assert len(pairs) == 10
    assert all(set(first[0].splices) <= set(pair.splices) and len(pair.splices) > 1 for pair in pairs)
    assert all(pair.template.startswith(f"{first[0].template} + ") for pair in pairs)


def test_the_parts_of_a_pair_do_not_touch_each_other():
    search = frontier()
    first = take(search, 1)[0]
    search.answered(first, partial=True)
    for pair in (one for one in take(search, 200) if one.ordinal >= FIRST_PAIR):
        ends = [(one.start, one.end) for one in pair.splices]
        assert ends == sorted(ends)
        assert all(one[1] < other[0] for one, other in itertools.pairwise(ends))


def test_pairs_still_come_after_the_single_edits_ran_out():
    search = frontier()
    everything = list(search)
    search.answered(everything[0], partial=True)
    assert next(search).ordinal >= FIRST_PAIR


def test_an_exchanged_operator_adds_nothing_and_inserted_arithmetic_does() -> None:
    assert growth(b"days < GRACE", b"days <= GRACE") == 0
    assert growth(b"days < GRACE", b"days - 1 < GRACE") == 2
    assert growth(b"a + b", b"a + -b") == 1
    assert growth(b"f(a, b)", b"f(a)") == 0
