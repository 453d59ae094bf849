"""The reporter says what pytest itself says, for every pytest and every kind of test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.protocol.check import RunEnd, TestStatus
from sandboxes.choose import choose
from tests.verify.lab import Lab, shell, statuses
from tests.verify.zoo import BROKEN_FILES, FILES

VERSIONS = {
    "6.2": ("pytest==6.2.5", ("3.8", "3.9", "3.10")),
    "7.4": ("pytest==7.4.4", ("3.9", "3.10", "3.11")),
    "8.3 on the oldest Python": ("pytest==8.3.5", ("3.8", "3.9")),
    "9": ("pytest>=9,<10", ("3.13", "3.12", "3.11")),
}


def _param(name: str) -> object:
    return pytest.param(name, marks=[pytest.mark.long] if name == "7.4" else [])


@pytest.fixture(scope="module", params=[_param(name) for name in VERSIONS])
def some_lab(request: pytest.FixtureRequest, make_lab: Callable[..., Lab]) -> Lab:
    package, pythons = VERSIONS[request.param]
    return make_lab(package, pythons=pythons)


def test_every_outcome_is_the_one_that_pytest_prints(some_lab: Lab) -> None:
    run = some_lab.run(BROKEN_FILES)
    assert statuses(run) == some_lab.directly(BROKEN_FILES, "--continue-on-collection-errors")
    assert run.end is RunEnd.COMPLETE


def test_a_selection_runs_the_selected_tests_with_the_ids_of_a_full_run(some_lab: Lab) -> None:
    everything = statuses(some_lab.run(FILES))
    chosen = (
        "tests/test_outcomes.py::test_odd_ids[a::b]",
        "tests/test_outcomes.py::TestClass",
        "tests/test_unit.py::Plain::test_fails",
        "tests/deep",
        "tests/test_gone.py::test_gone",
        "tests/test_outcomes.py::test_gone",
    )
    some = statuses(some_lab.run(FILES, select=chosen))
    assert set(some) == {
        "tests/test_outcomes.py::test_odd_ids[a::b]",
        "tests/test_outcomes.py::TestClass::test_method",
        "tests/test_outcomes.py::TestClass::TestInner::test_nested[1]",
        "tests/test_outcomes.py::TestClass::TestInner::test_nested[2]",
        "tests/test_unit.py::Plain::test_fails",
        "tests/deep/er/test_deep.py::test_deep",
    }
    assert some == {name: everything[name] for name in some}


@pytest.mark.parametrize("kind", ["docker", "process"])
def test_every_backend_gives_the_same_results(lab: Lab, state_dir: Path, kind: str) -> None:
    other = Lab(choose(kind, state_dir)[0], lab.environment)
    assert statuses(other.run(FILES)) == statuses(lab.run(FILES))
    files = {"test_a.py": "def test_a(): assert 0\n", "Makefile": "t:\n\tpython -m pytest -q\n"}
    run = other.run(files, shell("make t", "make"))
    assert statuses(run) == {"test_a.py::test_a": TestStatus.FAILED, "<make>": TestStatus.PASSED}
    assert run.tests[0].trace[0].path == "test_a.py"


def test_a_failure_carries_its_message_its_place_and_whether_it_is_an_assertion(lab: Lab) -> None:
    files = {
        "code_of.py": "def halve(x):\n    return 1 / x\n",
        "test_it.py": "from code_of import halve\n\ndef test_raises(): halve(0)\n"
        "def test_fails(): assert halve(1) == 2\n",
    }
    raised, failed = lab.run(files).tests
    assert (raised.message, raised.assertion) == ("ZeroDivisionError: division by zero", False)
    assert [(place.path, place.line) for place in raised.trace] == [("test_it.py", 3), ("code_of.py", 2)]
    assert failed.assertion and failed.message.startswith("AssertionError: assert 1.0 == 2")
    assert "test_it.py" in failed.details


def test_failed_parts_of_a_test_fail_the_test(make_lab: Callable[..., Lab]) -> None:
    nine = make_lab("pytest>=9,<10", pythons=("3.13", "3.12", "3.11"))
    text = """
import unittest

class T(unittest.TestCase):
    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)
"""
    run = nine.run({"test_parts.py": text})
    assert statuses(run) == {"test_parts.py::T::test_parts": TestStatus.FAILED}
    assert run.end is RunEnd.COMPLETE


def test_no_tests_is_no_failure(lab: Lab) -> None:
    run = lab.run({"code.txt": "nothing"})
    assert (run.end, run.tests) == (RunEnd.NO_TESTS, ())


def test_a_conftest_that_cannot_be_imported_is_a_collection_error(lab: Lab) -> None:
    run = lab.run({"conftest.py": "import nothing_like_it\n", "test_a.py": "def test_a(): pass\n"})
    assert run.end is RunEnd.COLLECTION_ERROR
    assert "nothing_like_it" in run.reason + run.output_tail


def test_an_unknown_option_of_the_settings_is_a_usage_error(lab: Lab) -> None:
    run = lab.run(
        {"pytest.ini": "[pytest]\naddopts = --no-such-option\n", "test_a.py": "def test_a(): pass\n"}
    )
    assert run.end is RunEnd.USAGE


def test_a_missing_runner_is_told_apart_from_failing_tests(make_lab: Callable[..., Lab]) -> None:
    run = make_lab("iniconfig").run({"test_a.py": "def test_a(): pass\n"})
    assert run.end is RunEnd.INTERNAL
    assert "pytest" in run.reason
