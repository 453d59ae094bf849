"""Which lines tests run, seen from inside the sandbox, also when they never end."""

import time
from collections.abc import Callable, Iterator

import pytest

from agent.planners.planner import Problem
from agent.planners.search.spectrum import Spectrum, trace
from agent.protocol.check import TestStatus
from tests.planners.bench import Bench
from tests.verify.lab import UNITTEST

CODE = """\
LIMIT = 3


def sign(n):
    if n < 0:
        return -1
    return 0 if n else 1


def forever(n):
    while n:
        n += 1
    return n


def numbers(n):
    for i in range(n):
        yield i
    return [
        n
        for n in range(3)
    ]


class Box:
    def __init__(self, value): self.value = value

    @property
    def double(self):
        return self.value * 2


short = lambda n: n + 1
"""
FILES = {
    "src/box.py": CODE,
    "conftest.py": "import sys; sys.path.insert(0, 'src')\n",
    "test_box.py": "import threading\nimport pytest\nfrom box import *\n\n\n"
    "def test_negative():\n    assert sign(-1) == -1\n\n\n"
    "def test_positive():\n    assert sign(1) == 1\n\n\n"
    "def test_forever():\n    assert forever(1) == 0\n\n\n"
    "def test_numbers():\n    assert list(numbers(2)) == [0, 1]\n\n\n"
    "def test_box():\n    assert Box(2).double == 5\n\n\n"
    "def test_short():\n    assert short(1) == 2\n\n\n"
    "def test_thread():\n    found = []\n"
    "    thread = threading.Thread(target=lambda: found.append(sign(-2)))\n"
    "    thread.start()\n    thread.join()\n    assert found == [-1]\n\n\n"
    "def test_dies():\n    import os\n    sign(0)\n    os._exit(1)\n",
}


def lines(spectrum: Spectrum, test: str) -> set[int]:
    """Return the lines of the project's module that a test ran."""
    found = next(one for one in spectrum.tests if one.id == f"test_box.py::{test}")
    return {line for path, line in found.covered if path == "src/box.py"}


@pytest.fixture(scope="module", params=[(), ("3.13", "3.12")], ids=["settrace", "monitoring"])
def problem(make_bench: Callable[..., Bench], request: pytest.FixtureRequest) -> Iterator[Problem]:
    bench = make_bench("pytest==8.4.2", pythons=request.param or ("3.11", "3.10"))
    with bench.problem(FILES, seconds=120) as made:
        yield made


@pytest.fixture(scope="module")
def spectrum(problem: Problem) -> Spectrum:
    return trace(problem, tuple(test.id for test in problem.baseline.tests), 60)


def test_every_test_is_traced_with_its_outcome(spectrum: Spectrum, problem: Problem) -> None:
    assert not spectrum.truncated, spectrum.reason
    assert {test.id: test.status for test in spectrum.tests} == {
        test.id: test.status for test in problem.baseline.tests
    }


def test_passing_and_failing_tests_are_told_apart_by_line(spectrum: Spectrum) -> None:
    assert lines(spectrum, "test_negative") == {5, 6}
    assert lines(spectrum, "test_positive") == {5, 7}


def test_generators_methods_and_one_liners_are_seen(spectrum: Spectrum) -> None:
    assert {17, 18, 19, 21} <= lines(spectrum, "test_numbers")
    assert lines(spectrum, "test_box") == {26, 30}
    assert lines(spectrum, "test_short") == {33}


def test_threads_of_a_test_are_seen(spectrum: Spectrum) -> None:
    assert lines(spectrum, "test_thread") == {5, 6}


def test_a_test_that_never_ends_gives_the_lines_of_its_loop(spectrum: Spectrum) -> None:
    assert lines(spectrum, "test_forever") == {11, 12}


def test_a_test_that_ends_its_process_gives_its_lines_and_the_others_theirs(spectrum: Spectrum) -> None:
    assert lines(spectrum, "test_dies") == {5, 7}


def test_lines_that_run_on_import_are_kept_apart(spectrum: Spectrum) -> None:
    imported = {line for path, line in spectrum.imported if path == "src/box.py"}
    assert {1, 4, 25, 33} <= imported
    assert not {5, 6, 7, 11, 12, 30} & imported


def test_failing_tests_come_first_when_time_is_short(problem: Problem) -> None:
    began = time.monotonic()
    short = trace(problem, tuple(test.id for test in problem.baseline.tests), 0.01)
    assert short.truncated and short.reason
    assert time.monotonic() - began < 30


def test_a_check_that_is_not_pytest_gives_an_empty_spectrum(bench: Bench) -> None:
    unit = {"test_a.py": "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.fail()\n"}
    with bench.problem(unit, check=UNITTEST) as problem:
        found = trace(problem, tuple(test.id for test in problem.failing), 10)
        assert (found.tests, found.truncated) == ((), True)


def test_a_file_that_cannot_be_imported_shows_what_ran_until_then(bench: Bench) -> None:
    files = {"lib.py": "a = 1\nb = c\nd = 2\n", "test_lib.py": "import lib\ndef test_a(): assert lib.d\n"}
    with bench.problem(files) as problem:
        found = trace(problem, tuple(test.id for test in problem.failing), 30)
        assert [(test.id, test.status) for test in found.tests] == [("test_lib.py", TestStatus.ERROR)]
        assert {("lib.py", 1), ("lib.py", 2)} <= found.imported
        assert ("lib.py", 3) not in found.imported
