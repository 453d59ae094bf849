"""What two runs together say about every test, mentioned in both or not."""

from typing import Any

import pytest

from agent.protocol.check import Location, Run, RunEnd, TestResult, TestStatus
from agent.protocol.verdict import Failure, Scope, TestClass, Verdict
from agent.verify.compare import compare, compare_runs

P, F, E, N = TestStatus.PASSED, TestStatus.FAILED, TestStatus.ERROR, TestStatus.NOT_RUN
A, B = "t.py::a", "t.py::b"


def run(end: RunEnd = RunEnd.COMPLETE, /, **rest: Any) -> Run:
    tests = rest.pop("tests", {})
    results = tuple(
        found if isinstance(found, TestResult) else TestResult(id=name, status=found)
        for name, found in tests.items()
    )
    return Run(check="c", end=end, tests=results, **rest)


def classes(red: Run, candidate: Run, base: Run | None = None) -> dict[str, TestClass]:
    return dict(compare_runs(red, candidate, base).classes)


def test_a_verdict_names_every_test_once_and_counts_the_passing_ones() -> None:
    red = run(tests={A: F, B: P, "t.py::c": P, "t.py::d": TestStatus.SKIPPED})
    candidate = run(tests={A: P, B: P, "t.py::c": F, "t.py::d": TestStatus.SKIPPED}, overridden=("-x",))
    assert compare(red, candidate, tree="abc") == Verdict(
        tree="abc",
        scope=Scope.FULL,
        fixed=(A,),
        broken=("t.py::c",),
        passed=1,
        overridden=("-x",),
        failures=(Failure(test="t.py::c", message="failed"),),
    )


def test_a_test_missing_from_a_complete_run_has_vanished() -> None:
    assert classes(run(tests={A: P, B: P}), run(tests={A: P})) == {A: TestClass.PASSED, B: TestClass.VANISHED}


@pytest.mark.parametrize("end", [RunEnd.CRASHED, RunEnd.TIMEOUT, RunEnd.TRUNCATED, RunEnd.OUT_OF_RESOURCES])
def test_a_test_missing_from_a_cut_run_was_not_run_and_never_vanished(end: RunEnd) -> None:
    found = classes(run(tests={A: P, B: P}), run(end, tests={A: P, "t.py::c": TestStatus.CRASHED}))
    assert found[B] is TestClass.NOT_RUN
    assert found[A] is TestClass.PASSED


@pytest.mark.parametrize("end", [RunEnd.CRASHED, RunEnd.TIMEOUT, RunEnd.TRUNCATED, RunEnd.OUT_OF_RESOURCES])
def test_passes_of_a_run_that_was_cut_for_no_visible_reason_do_not_count(end: RunEnd) -> None:
    found = classes(run(tests={A: F, B: P}), run(end, tests={A: P, B: F}))
    assert found == {A: TestClass.NOT_RUN, B: TestClass.BROKEN}


@pytest.mark.parametrize("end", [RunEnd.FORGED, RunEnd.INTERNAL, RunEnd.USAGE])
def test_nothing_in_a_worthless_run_counts(end: RunEnd) -> None:
    assert set(classes(run(tests={A: F, B: P}), run(end, tests={A: P, B: P})).values()) == {TestClass.NOT_RUN}


def test_a_file_that_cannot_be_collected_makes_its_tests_errors() -> None:
    red = run(tests={"t.py": E, "u.py::c": P})
    assert classes(red, run(tests={A: P, "u.py::c": P})) == {A: TestClass.FIXED, "u.py::c": TestClass.PASSED}
    assert classes(run(tests={A: P, "u.py::c": P}), red) == {"u.py::c": TestClass.PASSED, A: TestClass.BROKEN}


def test_a_file_that_nobody_can_collect_is_one_failing_test() -> None:
    assert classes(run(tests={"t.py": E}), run(tests={"t.py": E})) == {"t.py": TestClass.STILL_FAILING}


def test_a_run_without_any_collection_breaks_everything() -> None:
    assert classes(run(tests={A: P}), run(RunEnd.COLLECTION_ERROR)) == {A: TestClass.BROKEN}


def failing(assertion: bool, *places: str) -> TestResult:
    trace = tuple(Location(path=path, line=1) for path in places)
    return TestResult(id=A, status=F, assertion=assertion, trace=trace)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (failing(True, "tests/test_t.py"), TestClass.FIXED),
        (failing(False, "tests/test_t.py"), TestClass.NEW),
        (failing(False, "tests/test_t.py", "src/code.py"), TestClass.FIXED),
        (failing(False), TestClass.NEW),
        (TestResult(id=A, status=TestStatus.TIMEOUT), TestClass.FIXED),
        (TestResult(id=A, status=E, trace=(Location(path="src/code.py", line=1),)), TestClass.NEW),
    ],
)
def test_an_added_test_is_fixed_when_its_failure_shows_a_bug(told: TestResult, expected: TestClass) -> None:
    assert classes(run(tests={A: told}), run(tests={A: P}), run()) == {A: expected}


def test_an_added_test_that_passes_without_the_change_only_passes() -> None:
    assert classes(run(tests={A: P}), run(tests={A: P}), run()) == {A: TestClass.PASSED}


def test_a_removed_test_has_vanished_although_red_does_not_know_it() -> None:
    assert classes(run(), run(), run(tests={A: P, B: F})) == dict.fromkeys((A, B), TestClass.VANISHED)


def test_a_changed_test_that_fails_either_way_is_broken_when_it_passed_before() -> None:
    assert classes(run(tests={A: F}), run(tests={A: F}), run(tests={A: P})) == {A: TestClass.BROKEN}


def test_a_partial_run_of_the_base_says_nothing_about_other_files() -> None:
    base = run(tests={}, selected=("u.py",))
    assert classes(run(tests={A: F}), run(tests={A: F}), base) == {A: TestClass.STILL_FAILING}


def test_results_of_a_run_whose_runner_was_replaced_do_not_count_unless_it_always_was() -> None:
    red, patched = run(tests={A: F}), run(tests={A: P}, patched=("_pytest.runner.call",))
    assert classes(red, patched) == {A: TestClass.NOT_RUN}
    assert "_pytest.runner.call" in compare(red, patched, tree="t").notes[0]
    before = red.model_copy(update={"patched": patched.patched})
    assert classes(before, patched) == {A: TestClass.FIXED}
