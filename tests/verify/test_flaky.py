"""A changed test is fixed or broken only when it says so again and again, alone or in company.

What varies between the looks of one measurement is the hash seed (0 first, then 1, 2, 3) and whether
the other tests run too; the tests below fail at chosen points of that, so they waver the same way each time.
"""

import time
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from agent.protocol.progress import silent
from agent.protocol.verdict import TestClass, Verdict
from agent.verify.compare import Comparison, compare_runs
from agent.verify.flaky import settle
from agent.verify.run_on import Bench, Order
from tests.verify.changes import Change, Changed
from tests.verify.lab import PYTEST, Lab
from tests.verify.watched import Watched

STATE = "FIXED = False\nseen = []\n"
FIX: Change = {"state.py": STATE.replace("False", "True")}
WAVERING = """
import os
import state

SEED = os.environ["PYTHONHASHSEED"]

def in_company(): return bool(state.seen)

def test_neighbour(): state.seen.append(1)

def test_fixed(): assert state.FIXED
def test_broken(): assert not state.FIXED
def test_passes_before_at_last(): assert state.FIXED or SEED == "3"
def test_fails_before_at_last(): assert not state.FIXED and SEED != "3"
def test_fails_after_in_between(): assert state.FIXED and SEED != "2"
def test_passes_after_all(): assert not (state.FIXED and SEED == "0")

def test_fixed_in_company(): assert state.FIXED or not in_company()
def test_broken_in_company(): assert not (state.FIXED and in_company())
def test_breaks_once_in_company(): assert not (state.FIXED and in_company() and SEED == "0")
def test_breaks_but_at_last_in_company(): assert not (state.FIXED and in_company() and SEED != "3")
"""


class Again:
    """Makes a change whose tests are those of one file, and settles its two first runs."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self._folder, self._lab = folder, lab
        self.looks = self.most_at_once = 0

    def __call__(
        self, tests: str, *, test_seconds: float = 9, seconds: float = 99, took: float = 1
    ) -> Comparison:
        """Settle in so many seconds, each test in `test_seconds`, as if all tests together `took` as long."""
        base: Change = {"state.py": STATE, "test_it.py": tests}
        changed = Changed(self._folder / str(len(tests)), self._lab, base, FIX)
        with closing(changed.workbench()) as workbench:
            trees = changed.trees
            red, candidate = (Order(workbench, tree, PYTEST) for tree in (trees.red, trees.candidate))
            first = Bench(1, time.monotonic() + 60, silent, Event())
            red_run, candidate_run = (
                first.run(order).model_copy(update={"seconds": took}) for order in (red, candidate)
            )
            runs = (red_run, candidate_run)
            bench = Watched(test_seconds, time.monotonic() + seconds, silent, Event(), processors=8)
            found = settle(bench, compare_runs(*runs), red, candidate, runs)
        self.looks, self.most_at_once = bench.runs, bench.most_at_once
        return found


@pytest.fixture
def again(tmp_path: Path, lab: Lab) -> Again:
    return Again(tmp_path, lab)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory, lab: Lab) -> Verdict:
    """Measure one change under which every test of the file changes its outcome at first."""
    base: Change = {"state.py": STATE, "test_it.py": WAVERING}
    return Changed(tmp_path_factory.mktemp("wavering"), lab, base, FIX).measure()


@pytest.mark.parametrize("name", ["test_fixed", "test_fixed_in_company"])
def test_what_always_fails_before_and_always_passes_after_is_fixed(verdict: Verdict, name: str) -> None:
    assert f"test_it.py::{name}" in verdict.fixed


@pytest.mark.parametrize("name", ["test_broken", "test_broken_in_company"])
def test_what_always_passes_before_and_always_fails_after_is_broken(verdict: Verdict, name: str) -> None:
    assert f"test_it.py::{name}" in verdict.broken


@pytest.mark.parametrize(
    "name",
    [
        "test_passes_before_at_last",
        "test_fails_before_at_last",
        "test_fails_after_in_between",
        "test_passes_after_all",
    ],
)
def test_what_contradicts_itself_once_on_either_side_is_flaky(verdict: Verdict, name: str) -> None:
    assert f"test_it.py::{name}" in verdict.flaky


@pytest.mark.parametrize("name", ["test_breaks_once_in_company", "test_breaks_but_at_last_in_company"])
def test_what_passes_alone_and_contradicts_itself_in_company_is_flaky(verdict: Verdict, name: str) -> None:
    assert f"test_it.py::{name}" in verdict.flaky


def test_no_changed_test_goes_unclassed(verdict: Verdict) -> None:
    assert (len(verdict.fixed), len(verdict.broken), len(verdict.flaky), verdict.passed) == (2, 2, 6, 1)


HANGS_ONCE = """
import os, time
import state

def test_hangs_before():
    while not state.FIXED and os.environ["PYTHONHASHSEED"] == "0": time.sleep(1)
"""


def test_a_hang_is_looked_at_again_when_there_is_time_for_it(again: Again) -> None:
    found = again(HANGS_ONCE, test_seconds=1)
    assert found.of(TestClass.FLAKY) == ("test_it.py::test_hangs_before",)


def test_a_hang_that_would_eat_up_the_time_is_not_repeated(again: Again) -> None:
    found = again(HANGS_ONCE, test_seconds=99)
    assert found.of(TestClass.FIXED) == ("test_it.py::test_hangs_before",)


ONLY_FIRST = """
import os, pytest
import state

@pytest.mark.parametrize("case", range({cases}))
def test_passes_once(case): assert state.FIXED and os.environ["PYTHONHASHSEED"] == "0"
"""


def test_without_time_nothing_is_looked_at_and_a_note_says_so(again: Again) -> None:
    found = again(ONLY_FIRST.format(cases=1), seconds=5)
    assert found.of(TestClass.FIXED) == ("test_it.py::test_passes_once[0]",)
    assert found.notes == ("no time was left to look for flaky tests",)


def test_what_comes_out_otherwise_alone_is_flaky_when_the_rest_would_take_too_long(again: Again) -> None:
    assert again(WAVERING, took=999).of(TestClass.BROKEN) == ("test_it.py::test_broken",)


def test_a_change_of_hundreds_of_tests_is_taken_as_it_is(again: Again) -> None:
    found = again(ONLY_FIRST.format(cases=201))
    assert (len(found.of(TestClass.FIXED)), again.looks) == (201, 0)


def test_looks_are_taken_one_at_a_time(again: Again) -> None:
    found = again(ONLY_FIRST.format(cases=1))
    assert found.of(TestClass.FLAKY) == ("test_it.py::test_passes_once[0]",)
    assert (again.looks, again.most_at_once) == (7, 1)
