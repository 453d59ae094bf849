"""A failure is the same when the tests of the log fail here too, else by the line that complains."""

from collections.abc import Callable

import pytest

from agent.protocol.check import Run, RunEnd, TestResult, TestStatus
from agent.protocol.forge import RunEvidence
from agent.verify.workflows.evidence import evidence_of
from agent.verify.workflows.failing_tests import failing_tests, named_again
from agent.verify.workflows.plan import Plan
from agent.verify.workflows.signature import failing_again, same_failure
from tests.verify.lab import Lab, shell
from tests.verify.workflows.job_log import Ran, job_log


def evidence(*failing: str, message: str = "") -> RunEvidence:
    return RunEvidence(workflow="w", job="j", step="s", command="c", failing=failing, message=message)


def run(*failing: str, code: int = 1, output: str = "", passed: tuple[str, ...] = ("a.py::ok",)) -> Run:
    tests = [TestResult(id=name, status=TestStatus.FAILED) for name in failing]
    tests += [TestResult(id=name, status=TestStatus.PASSED) for name in passed]
    return Run(check="command", end=RunEnd.COMPLETE, tests=tuple(tests), exit_code=code, output_tail=output)


SAME = [
    ("tests/a.py::A::b", "tests/a.py::A::b"),
    ("tests/a.py::b[1]", "tests/a.py::b[2]"),
    ("tests/a.py::b", "sub/tests/a.py::b"),
    ("/home/runner/work/shop/shop/tests/a.py::b", "tests/a.py::b"),
    ("../shop/tests/a.py::b", "tests/a.py::b"),
    ("tests\\a.py::b", "tests/a.py::b"),
    ("tests.a.A.b", "tests/a.py::A::b"),
    ("__main__.A.b", "tests/a.py::A::b"),
    ("tests/a.py", "tests/a.py"),
]
OTHER = [
    ("tests/a.py::b", "tests/a.py::c"),
    ("tests/a.py::b", "tests/aa.py::b"),
    ("tests/a.py::bb", "tests/a.py::b"),
    ("tests/a.py", "tests/a.py::b"),
    ("", "tests/a.py::b"),
]


@pytest.mark.parametrize("pair", SAME, ids=str)
def test_two_names_of_one_test_are_the_same(pair: tuple[str, str]) -> None:
    assert named_again([pair[1]], [pair[0]]) == (pair[1],)
    assert named_again([pair[0]], [pair[1]]) == (pair[0],)


@pytest.mark.parametrize("pair", OTHER, ids=str)
def test_two_names_of_two_tests_are_not(pair: tuple[str, str]) -> None:
    assert named_again([pair[1]], [pair[0]]) == ()


def test_one_test_of_the_log_that_fails_here_is_enough() -> None:
    told = evidence("t/a.py::one", "t/a.py::two")
    there = run("t/a.py::two", "t/a.py::three")
    assert same_failure(told, [run(code=0), there]) == ""
    assert failing_again(told, [run(code=0), there]) == ("t/a.py::two",)


def test_other_failing_tests_are_another_failure() -> None:
    said = same_failure(evidence("t/a.py::one"), [run("t/a.py::two")])
    assert said == (
        "environment or flake: the run says that t/a.py::one failed, "
        "and in the sandbox it is t/a.py::two instead"
    )


def test_a_step_that_succeeds_or_breaks_is_another_failure() -> None:
    told = evidence(*(f"t/a.py::t{n}" for n in range(9)))
    assert "t/a.py::t2 and 6 more failed, and in the sandbox the step succeeds (1 tests" in same_failure(
        told, [run(code=0)]
    )
    broken = run("<command>", code=127, output="x\nsh: pytest: not found\n", passed=())
    assert 'without naming one (exit status 127: "sh: pytest: not found")' in same_failure(told, [broken])
    assert same_failure(told, []).endswith("in the sandbox the step was not run")


def test_a_command_that_names_no_test_is_known_by_its_complaint() -> None:
    told = evidence(message="/home/runner/work/shop/shop/src/a.py:3:1: F401 `os` imported but unused")
    again = run("<command>", output="src/a.py:3:1: F401 `os` imported but unused\nFound 1 error.", passed=())
    assert same_failure(told, [again]) == ""
    assert failing_again(told, [again]) == ()
    passes = again.model_copy(update={"exit_code": 0, "tests": ()})
    assert "the step succeeds" in same_failure(told, [passes])
    other = run("<command>", code=2, output="src/b.py:1:1: E999", passed=())
    assert 'it fails otherwise (exit status 2: "src/b.py:1:1: E999")' in same_failure(told, [other])


KINDS = {
    ("FAILED t/a.py::b - AssertionError: x", "AssertionError: y"): True,
    ("FAILED t/a.py::b - assert 1 == 2", "AssertionError: assert 1 == 2"): True,
    ("FAILED t/a.py::b - AssertionError: x", "ModuleNotFoundError: y"): False,
    ("FAILED t/a.py::b - assert 1 == 2", "FileNotFoundError: [Errno 2] git"): False,
    ("FAILED t/a.py::b - requests.exceptions.ConnectionError: x", "ConnectionError: y"): True,
    ("FAILED t/a.py::b - KeyE...", "ValueError: y"): True,
    ("FAILED t/a.py::b", "ValueError: y"): True,
    ("FAILED t/a.py::b - KeyError: x", ""): True,
    ("FAILED t/a.py::b[1] - KeyError: x\nFAILED t/a.py::b[2] - ValueError: x", "ValueError: y"): True,
    ("FAILED t/a.py::b[1] - ValueError: x\nFAILED t/a.py::b[2] - KeyError: x", "ValueError: y"): True,
    ("FAILED t/a.py::other - KeyError: x", "ValueError: y"): True,
}


@pytest.mark.parametrize("pair", KINDS, ids=str)
def test_a_test_that_fails_with_another_kind_of_error_is_another_failure(pair: tuple[str, str]) -> None:
    log, message = pair
    told = evidence("t/a.py::b").model_copy(update={"excerpt": f"one\n{log}\nerror: end"})
    failed = TestResult(id="t/a.py::b", status=TestStatus.FAILED, message=message)
    there = Run(check="command", end=RunEnd.COMPLETE, tests=(failed,), exit_code=1)
    said = same_failure(told, [there])
    assert (said == "") is KINDS[pair]
    assert not said or ("in the log with " in said and "in the sandbox with " in said)


def test_a_log_that_says_nothing_is_never_the_same() -> None:
    assert "the log does not say what failed" in same_failure(evidence(), [run("<command>", output="x")])
    assert same_failure(evidence(message="1"), [run("<command>", output="1 2 3 1")]) != ""


def test_a_runner_that_only_prints_leads_to_the_result_of_its_command() -> None:
    output = "======\nFAIL: test_b (tests.a.A.test_b)\n------\nAssertionError: 1 != 2\n"
    there = run("<command>", output=output, passed=())
    assert failing_again(evidence("tests.a.A.test_b"), [there]) == ("<command>",)


def test_colours_that_a_job_asks_for_hide_nothing() -> None:
    output = "\x1b[31mFAILED\x1b[0m a.py::\x1b[1mb\x1b[0m - x\nsrc/a.py:3:\x1b[36m1\x1b[0m: F401 unused\n"
    there = run("<command>", output=output, passed=())
    assert same_failure(evidence("a.py::b"), [there]) == ""
    assert same_failure(evidence(message="src/a.py:3:1: F401 unused"), [there]) == ""


TREE = {
    "tests/__init__.py": "",
    "tests/test_a.py": (
        "import unittest\n\n\nclass A(unittest.TestCase):\n"
        "    def test_b(self):\n        self.assertEqual(1, 2)\n\n    def test_ok(self):\n        pass\n\n"
        "    def test_raises(self):\n        raise KeyError('k')\n"
    ),
    "tests/test_broken.py": "import nowhere\n",
}
WANTED = ("tests/test_a.py::A::test_b", "tests/test_a.py::A::test_raises", "tests/test_broken.py")


RUNNERS = [
    (("pytest==6.2.5",), ("3.8", "3.9", "3.10"), "python -m pytest --continue-on-collection-errors"),
    (("pytest>=9,<10",), ("3.13", "3.12", "3.11"), "python -m pytest --continue-on-collection-errors"),
    (("pytest==8.4.2",), (), "python -m unittest discover"),
    pytest.param(
        *(("pytest==7.4.4",), ("3.9", "3.10", "3.11"), "python -m pytest -v --continue-on-collection-errors"),
        marks=pytest.mark.long,
    ),
    pytest.param(
        *(("pytest==8.4.2",), (), "python -m pytest -q -rA --continue-on-collection-errors"),
        marks=pytest.mark.long,
    ),
    pytest.param(*(("iniconfig",), ("3.8", "3.9"), "python -m unittest"), marks=pytest.mark.long),
    pytest.param(
        *(("pytest==8.4.2", "pytest-xdist==3.8.0"), (), "python -m pytest -n 2 -v"), marks=pytest.mark.long
    ),
]


@pytest.mark.parametrize(("packages", "pythons", "command"), RUNNERS, ids=str)
def test_what_real_runners_print_names_the_tests_that_they_report(
    make_lab: Callable[..., Lab], packages: tuple[str, ...], pythons: tuple[str, ...], command: str
) -> None:
    there = make_lab(*packages, pythons=pythons).run(TREE, shell(command))
    plan = Plan(step="s", first_line=command, command=command)
    log = job_log([Ran("pip install -e ."), Ran(command, there.output_tail, 1)])
    told = evidence_of(plan, workflow="w", job="j", log=log)
    assert len(named_again(told.failing, WANTED)) == len(told.failing) == 3
    assert len(named_again(WANTED, failing_tests(there.output_tail.splitlines()))) == 3
    assert same_failure(told, [there]) == ""
    reported = {test.id for test in there.tests if test.status in (TestStatus.FAILED, TestStatus.ERROR)}
    assert set(failing_again(told, [there])) == (reported - {"<command>"} or {"<command>"})
