"""Candidates tried from the host: which count as plausible, in which tier, and what no candidate can do."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.planners.planner import Problem
from agent.planners.search.candidate import Candidate
from agent.planners.search.evaluation import Evaluation, Evaluator
from agent.protocol.check import RunEnd, TestStatus
from tests.planners.bench import Bench, Files, replaced
from tests.verify.lab import UNITTEST

CODE = {
    "lib.py": "LIMIT = 3\n\n\ndef add(a, b):\n    return a - b\n\n\ndef twice(a):\n    return a * 2\n",
    "test_lib.py": "from lib import add, twice\n\n\n"
    "def test_twice():\n    assert twice(2) == 4\n\n\n"
    "def test_zero():\n    assert add(1, 0) == 1\n\n\n"
    "def test_add():\n    assert add(1, 2) == 3\n\n\n"
    "def test_more():\n    assert add(2, 2) == 4\n",
}
TARGETS = ("test_lib.py::test_add", "test_lib.py::test_more")
GUARDS = ("test_lib.py::test_zero", "test_lib.py::test_twice")
RIGHT = ("return a - b", "return a + b")


def candidates(*changes: tuple[str, str], files: Files = CODE, path: str = "lib.py") -> list[Candidate]:
    return [replaced(files, path, old, new, ordinal) for ordinal, (old, new) in enumerate(changes)]


def tried(evaluator: Evaluator, *changes: tuple[str, str], files: Files = CODE) -> list[Evaluation]:
    found = list(evaluator.evaluate(candidates(*changes, files=files)))
    return sorted(found, key=lambda evaluation: evaluation.candidate.ordinal)


@pytest.fixture(scope="module")
def problem(bench: Bench) -> Iterator[Problem]:
    with bench.problem(CODE, seconds=120, test_seconds=20) as made:
        yield made


@pytest.fixture(scope="module")
def evaluator(problem: Problem) -> Iterator[Evaluator]:
    with Evaluator(problem, TARGETS, GUARDS) as opened:
        yield opened


def test_only_what_passes_targets_and_guards_is_plausible(evaluator: Evaluator) -> None:
    wrong = ("return a - b", "return a * b")
    partly = ("return a - b", "return 3")
    no_guard = ("return a - b", "return a + b if b else 0")
    at_module_level = ("LIMIT = 3\n\n\ndef add(a, b):\n    return a - b", "def add(a, b):\n    return a + b")
    found = tried(evaluator, wrong, partly, no_guard, RIGHT, at_module_level)
    assert [(one.plausible, one.passed, one.failed, one.tier) for one in found] == [
        (False, 0, 1, 1),
        (False, 1, 1, 1),
        (False, 1, 1, 1),
        (True, 4, 0, 1),
        (True, 4, 0, 2),
    ]
    assert found[0].reason == "test_lib.py::test_add failed: AssertionError"
    assert evaluator.notes == ()


def test_a_confirmation_runs_the_real_bytes_in_a_fresh_process(evaluator: Evaluator) -> None:
    run = evaluator.confirm(candidates(RIGHT)[0].splices)
    assert run.end is RunEnd.COMPLETE
    assert {test.id: test.status for test in run.tests} == dict.fromkeys(
        (*TARGETS, *GUARDS), TestStatus.PASSED
    )


def test_candidates_are_pulled_lazily_and_ordinals_come_back(evaluator: Evaluator) -> None:
    pulled = []

    def source() -> Iterator[Candidate]:
        for number in range(10_000):
            pulled.append(number)
            yield replaced(CODE, "lib.py", "return a - b", f"return {number}", number)

    seen = [
        evaluation.candidate.ordinal
        for evaluation, _ in zip(evaluator.evaluate(source()), range(20), strict=False)
    ]
    assert len(set(seen)) == 20
    assert len(pulled) < 200


def test_endless_loops_cost_little_and_are_tried_once_more(evaluator: Evaluator) -> None:
    found = tried(evaluator, ("return a - b", "while True: pass"), RIGHT)
    assert [(one.plausible, one.reason) for one in found] == [(False, "took too long"), (True, "")]


def test_a_slow_but_right_candidate_is_found_on_its_second_try(evaluator: Evaluator) -> None:
    slow = "import time\n    while time.process_time() % 100 < 0.9: pass\n    return a + b"
    found = tried(evaluator, ("return a - b", slow))
    assert [one.plausible for one in found] == [False, True]


ATTACKS = (
    "import os, signal\n    os.kill(os.getppid(), signal.SIGKILL)",
    "import os\n    while True:\n        try: os.fork()\n        except OSError: pass",
    "import os, signal\n    os.kill(-1, signal.SIGKILL)",
)


def test_a_candidate_that_ends_the_fork_server_fails_and_the_others_go_on(problem: Problem) -> None:
    changes = [
        RIGHT,
        *(("return a - b", attack) for attack in ATTACKS),
        RIGHT,
        ("LIMIT = 3", "LIMIT = 4"),
        RIGHT,
    ]
    with Evaluator(problem, TARGETS) as evaluator:
        found = tried(evaluator, *changes)
    assert [one.plausible for one in found if one.candidate.ordinal not in (1, 2, 3)] == [
        True,
        True,
        False,
        True,
    ]
    assert not any(one.plausible for one in found if one.candidate.ordinal in (1, 2, 3))
    assert {one.candidate.ordinal for one in found} == set(range(7))


def test_the_deadline_and_cancel_end_an_evaluation(problem: Problem) -> None:
    def endless() -> Iterator[Candidate]:
        while True:
            yield candidates(("return a - b", "return a * b"))[0]

    soon = replace(problem, deadline=time.monotonic() + 4, cancel=threading.Event())
    with Evaluator(soon, TARGETS) as evaluator:
        assert all(not one.plausible for one in evaluator.evaluate(endless()))
        assert evaluator.evaluated > 0
    cancelled = replace(problem, cancel=threading.Event())
    with Evaluator(cancelled, TARGETS) as evaluator:
        for number, _ in enumerate(evaluator.evaluate(endless())):
            if number == 5:
                cancelled.cancel.set()
        assert evaluator.evaluated < 500


SPAWNING = {
    "lib.py": "def add(a, b):\n    return a - b\n",
    "test_lib.py": "import subprocess\nimport sys\n\n\ndef test_add():\n"
    "    code = 'from lib import add; print(add(1, 2))'\n"
    "    assert subprocess.check_output([sys.executable, '-c', code]) == b'3\\n'\n",
}


def test_tests_that_start_python_run_on_real_bytes(bench: Bench) -> None:
    with bench.problem(SPAWNING) as problem, Evaluator(problem, ("test_lib.py::test_add",)) as evaluator:
        assert "start programs" in evaluator.notes[-1]
        found = tried(evaluator, ("return a - b", "return b * a"), RIGHT, files=SPAWNING)
        assert [(one.plausible, one.tier) for one in found] == [(False, 3), (True, 3)]


UNIT = {
    "lib.py": "def add(a, b):\n    return a - b\n",
    "test_lib.py": "import unittest\nfrom lib import add\n\n\nclass TestAdd(unittest.TestCase):\n"
    "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n",
}


def test_checks_that_are_not_pytest_run_in_new_processes(bench: Bench) -> None:
    with bench.problem(UNIT, check=UNITTEST) as problem:
        targets = tuple(test.id for test in problem.failing)
        assert len(targets) == 1
        with Evaluator(problem, targets) as evaluator:
            found = tried(evaluator, ("return a - b", "return b * a"), RIGHT, files=UNIT)
            assert [(one.plausible, one.tier) for one in found] == [(False, 3), (True, 3)]


HANGING = {
    "lib.py": "def count(n):\n    found = 0\n    while n:\n        n += 1\n        found += 1\n"
    "    return found\n",
    "test_lib.py": "import pytest\nfrom lib import count\n\n\n"
    "@pytest.mark.parametrize('n', [0, 1, 2])\ndef test_count(n):\n    assert count(n) == n\n",
}


def test_a_baseline_that_hangs_can_be_repaired(bench: Bench) -> None:
    with bench.problem(HANGING, test_seconds=1) as problem:
        targets = tuple(test.id for test in problem.failing)
        assert {test.status for test in problem.failing} == {TestStatus.TIMEOUT}
        with Evaluator(problem, targets, ("test_lib.py::test_count[0]",)) as evaluator:
            found = tried(evaluator, ("n += 1", "n -= 1"), ("found += 1", "found += 2"), files=HANGING)
            assert evaluator.notes == ()
            assert [one.plausible for one in found] == [True, False]


ORDERED = {
    "lib.py": "def push(items, value):\n    items.append(value + 1)\n",
    "test_lib.py": "from lib import push\n\nshared = []\n\n\ndef test_first():\n    push(shared, 1)\n"
    "    assert shared == [1]\n\n\ndef test_second():\n    push(shared, 2)\n    assert shared == [1, 2]\n",
}


def test_targets_share_module_state_in_file_order_and_candidates_do_not(bench: Bench) -> None:
    with bench.problem(ORDERED) as problem:
        targets = ("test_lib.py::test_second", "test_lib.py::test_first")
        with Evaluator(problem, targets) as evaluator:
            found = tried(evaluator, *[("value + 1", "value")] * 3, files=ORDERED)
            assert [(one.plausible, one.passed) for one in found] == [(True, 2)] * 3


CARRIAGE = {
    ".gitattributes": "*.py text eol=crlf\n",
    "lib.py": "def skip():\n    return 0\n\n\ndef add(a, b):\n    return a - b\n",
    "test_lib.py": "from lib import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
}


def test_offsets_are_those_of_the_repository_when_the_checkout_has_other_line_ends(bench: Bench) -> None:
    with bench.problem(CARRIAGE) as problem, Evaluator(problem, ("test_lib.py::test_add",)) as evaluator:
        stored = {"lib.py": problem.store.read(problem.tree, "lib.py")}
        assert b"\r" not in stored["lib.py"]
        found = tried(evaluator, RIGHT, ("def skip", "y = 1\n\n\ndef skip"), files=stored)
        assert [(one.plausible, one.tier) for one in found] == [(True, 1), (False, 2)]
