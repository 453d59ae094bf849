import pytest

from agent.protocol.check import Location, Run, RunEnd, TestResult, TestStatus
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Diagnostic, Scope, Tamper, TamperKind, Verdict
from agent.tasks.judgement import accepts, cannot_measure, groups, is_named, judge_change, judge_fix, targets


def failed(test_id: str, *frames: str) -> TestResult:
    trace = tuple(Location(path=path, line=1) for path in frames)
    return TestResult(id=test_id, status=TestStatus.FAILED, trace=trace)


def verdict(**known: object) -> Verdict:
    return Verdict(**{"tree": "c" * 40, "scope": Scope.FULL, "passed": 3, **known})


def test_failures_that_end_in_the_same_file_are_one_group() -> None:
    a = failed("tests/test_a.py::test_1", "tests/test_a.py", "src/cart.py")
    b = failed("tests/test_b.py::test_2", "tests/test_b.py", "src/cart.py")
    c = failed("tests/test_c.py::test_3")
    assert groups([a, b, c]) == ((a, b), (c,))


def test_failed_assertions_go_with_the_failures_of_their_file_that_name_a_suspect() -> None:
    compared = failed("tests/test_a.py::test_1", "tests/test_a.py")
    raised = failed("tests/test_a.py::test_2", "tests/test_a.py", "src/cart.py")
    elsewhere = failed("tests/test_b.py::test_3", "tests/test_b.py")
    assert groups([compared, raised, elsewhere]) == ((raised, compared), (elsewhere,))


def test_a_task_without_named_tests_targets_the_first_group() -> None:
    a, b = failed("t.py::a", "x.py"), failed("t.py::b", "y.py")
    run = Run(check="pytest", end=RunEnd.COMPLETE, tests=(a, b))
    spec = TaskSpec(kind=TaskKind.FIX, repository="/r")
    assert targets(TaskState(spec=spec, baseline=(run,))) == (a,)


def test_a_task_with_named_tests_targets_only_them() -> None:
    a, b = failed("t.py::a", "x.py"), failed("t.py::b", "y.py")
    run = Run(check="pytest", end=RunEnd.COMPLETE, tests=(a, b))
    spec = TaskSpec(kind=TaskKind.FIX, repository="/r", tests=("t.py::b",))
    assert targets(TaskState(spec=spec, baseline=(run,))) == (b,)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tests/test_a.py::test_x", True),
        ("tests/test_a.py::test_x[1]", True),
        ("tests/test_a.py", True),
        ("tests", True),
        ("tests/", True),
        ("tests/test_a.py::test", False),
        ("test", False),
    ],
)
def test_a_name_covers_itself_its_parameters_its_file_and_its_folder(name: str, expected: bool) -> None:
    assert is_named("tests/test_a.py::test_x[1]", name) is expected


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ({}, Outcome.VERIFIED),
        ({"broken": ("t",)}, Outcome.BROKEN),
        ({"vanished": ("t",)}, Outcome.BROKEN),
        (
            {"diagnostics": (Diagnostic(tool="ty", location=Location(path="a", line=1), message="m"),)},
            Outcome.BROKEN,
        ),
        ({"not_run": ("t",)}, Outcome.UNVERIFIED),
        ({"passed": 0}, Outcome.UNVERIFIED),
        ({"still_failing": ("t",)}, Outcome.VERIFIED_WITH_PREEXISTING),
        ({"test_control": ("conftest.py",)}, Outcome.UNVERIFIED),
        ({"broken": ("t",), "not_run": ("u",)}, Outcome.BROKEN),
    ],
)
def test_a_change_is_judged_by_its_worst_finding(found: dict[str, object], outcome: Outcome) -> None:
    assert judge_change(verdict(**found)).outcome is outcome


def test_a_fix_beside_older_failures_says_so() -> None:
    judged = judge_fix(verdict(fixed=("t",), still_failing=("u",)), ["t"])
    assert judged.outcome is Outcome.VERIFIED_WITH_PREEXISTING
    assert "1 test failed before" in judged.reason


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (RunEnd.COLLECTION_ERROR, Outcome.ENVIRONMENT),
        (RunEnd.CRASHED, Outcome.ENVIRONMENT),
        (RunEnd.USAGE, Outcome.USAGE),
        (RunEnd.TIMEOUT, Outcome.BUDGET),
        (RunEnd.NO_TESTS, Outcome.UNVERIFIED),
        (RunEnd.COMPLETE, Outcome.UNVERIFIED),
    ],
)
def test_a_run_without_results_is_no_base_to_work_from(end: RunEnd, outcome: Outcome) -> None:
    judged = cannot_measure(Run(check="pytest", end=end))
    assert judged is not None and judged.outcome is outcome


def test_a_run_with_results_is_a_base_even_when_it_was_cut_short() -> None:
    assert cannot_measure(Run(check="pytest", end=RunEnd.TRUNCATED, tests=(failed("t"),))) is None


@pytest.mark.parametrize(
    ("names", "sentence"),
    [(("a",), "1 test failed before and still fails"), (("a", "b"), "2 tests failed before and still fail")],
)
def test_what_failed_before_is_counted_in_good_grammar(names: tuple[str, ...], sentence: str) -> None:
    known = verdict(still_failing=names, fixed=("f",))
    assert judge_change(known).reason.endswith(sentence)
    assert judge_fix(known, ["f"]).reason.endswith(sentence)


@pytest.mark.parametrize(
    ("against", "accepted"),
    [
        ({}, True),
        ({"weakened": ("t::b",)}, False),
        ({"skipped_now": ("t::b",)}, False),
        ({"test_control": ("conftest.py",)}, False),
        ({"tampering": (Tamper(kind=TamperKind.SKIPPED, location=Location(path="t.py", line=1)),)}, False),
        ({"scope": Scope.IMPACTED}, False),
    ],
    ids=str,
)
def test_a_fix_that_loosens_its_tests_is_not_accepted(against: dict, accepted: bool) -> None:
    assert accepts(verdict(**{"fixed": ("t::a",), **against}), ["t::a"]) is accepted
