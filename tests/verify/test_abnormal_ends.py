"""Tests that end, hang or flood their process get a result of their own, and the others still run."""

from collections.abc import Callable

import pytest

from agent.protocol.check import Run, RunEnd, TestStatus
from tests.verify.lab import UNITTEST, Lab, statuses

P, F, C, T = TestStatus.PASSED, TestStatus.FAILED, TestStatus.CRASHED, TestStatus.TIMEOUT
HEAD = "import ctypes, os, signal, sys, threading, time, pytest\n\ndef test_first(): pass\n\n"
TAIL = "\n\ndef test_last(): pass\n"


def around(body: str) -> dict[str, str]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return {"test_it.py": f"{HEAD}def test_it():\n{lines}{TAIL}"}


def outcomes(run: Run) -> list[TestStatus]:
    assert [test.id for test in run.tests] == [f"test_it.py::test_{name}" for name in ("first", "it", "last")]
    return [test.status for test in run.tests]


def many(bodies: list[str]) -> dict[str, str]:
    """Return a file with a test for each body, each followed by one that passes."""
    parts = [HEAD]
    for number, body in enumerate(bodies):
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        parts.append(f"def test_{number}_bad():\n{lines}\n\ndef test_{number}_good(): pass\n\n")
    return {"test_it.py": "".join(parts)}


ENDINGS = [
    "os._exit(0)",
    "ctypes.string_at(0)",
    "os.kill(os.getpid(), signal.SIGKILL)",
    "pytest.exit('enough', returncode=0)",
    "os.execv('/bin/true', ['true'])",
]
MORE_ENDINGS = [
    "os._exit(1)",
    "os.abort()",
    "os.kill(os.getpid(), signal.SIGTERM)",
    "raise KeyboardInterrupt",
    "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
]


@pytest.mark.parametrize(
    "bodies",
    [pytest.param(ENDINGS, id="some"), pytest.param(MORE_ENDINGS, id="more", marks=pytest.mark.long)],
)
def test_tests_that_end_the_process_crashed_and_the_others_run(lab: Lab, bodies: list[str]) -> None:
    run = lab.run(many(bodies))
    assert statuses(run) == {
        "test_it.py::test_first": P,
        **{f"test_it.py::test_{n}_bad": C for n in range(5)},
        **{f"test_it.py::test_{n}_good": P for n in range(5)},
    }
    assert (run.end, "went on 5 times" in run.reason) == (RunEnd.COMPLETE, True)


HANGS = [
    "while True: pass",
    "time.sleep(1000)",
    "lock = threading.Lock()\nlock.acquire()\nlock.acquire()",
    "threading.Event().wait()",
    "for _ in range(100):\n    try: time.sleep(50)\n    except BaseException: break",
    "pid = os.fork()\nif pid: os.wait()\nelse: time.sleep(1000)",
]


def test_hanging_tests_time_out_and_the_others_run(lab: Lab) -> None:
    run = lab.run(many(HANGS), test_seconds=1)
    assert run.end is RunEnd.COMPLETE
    assert {test.id for test in run.tests if test.status is T} == {
        f"test_it.py::test_{n}_bad" for n in range(len(HANGS))
    }
    assert {test.status for test in run.tests} == {P, T}


def test_a_hang_in_a_fixture_times_out(lab: Lab) -> None:
    text = (
        "import time, pytest\n@pytest.fixture\ndef slow(): time.sleep(1000)\n"
        "@pytest.fixture\ndef late():\n    yield\n    time.sleep(1000)\n"
        "def test_setup(slow): pass\ndef test_teardown(late): pass\ndef test_last(): pass\n"
    )
    run = lab.run({"test_it.py": text}, test_seconds=1)
    assert [test.status for test in run.tests] == [T, T, P]


def test_a_module_that_hangs_while_it_is_imported_times_out(lab: Lab) -> None:
    files = {"test_a.py": "while True: pass\n", "test_b.py": "def test_b(): pass\n"}
    run = lab.run(files, test_seconds=1)
    assert statuses(run) == {"test_a.py": T, "test_b.py::test_b": P}


@pytest.mark.long
def test_code_that_never_gives_the_interpreter_back_times_out(lab: Lab) -> None:
    body = "import re\nre.match('(a|a|a|a|b)*$', 'a' * 40 + 'c')\nctypes.PyDLL(None).sleep(1000)"
    run = lab.run(around(body), test_seconds=1)
    assert (outcomes(run), run.end) == ([P, T, P], RunEnd.COMPLETE)


@pytest.mark.long
def test_a_stopped_process_is_ended_by_the_limit_of_the_run(lab: Lab) -> None:
    run = lab.run(around("os.kill(os.getpid(), signal.SIGSTOP)"), test_seconds=2, seconds=8)
    assert run.end is RunEnd.TIMEOUT
    assert outcomes(run) == [P, T, TestStatus.NOT_RUN]


def test_a_limit_that_cuts_into_an_innocent_test_leaves_it_not_run(lab: Lab) -> None:
    run = lab.run(around("time.sleep(30)"), test_seconds=60, seconds=6)
    assert (outcomes(run), run.end) == ([P, TestStatus.NOT_RUN, TestStatus.NOT_RUN], RunEnd.TIMEOUT)


def test_a_crash_while_modules_are_imported_gives_no_results(lab: Lab) -> None:
    run = lab.run({"test_a.py": "def test_a(): pass\n", "test_b.py": "import os; os._exit(0)\n"})
    assert (run.tests, run.end) == ((), RunEnd.CRASHED)


def test_restarts_are_bounded(lab: Lab) -> None:
    text = "import os, pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_exit(n): os._exit(n)\n"
    run = lab.run({"test_it.py": text})
    assert [test.status for test in run.tests] == [C] * 6 + [TestStatus.NOT_RUN] * 3
    assert run.end is RunEnd.CRASHED


def test_a_forked_child_that_returns_into_pytest_does_not_disturb_the_report(lab: Lab) -> None:
    run = lab.run(around("pid = os.fork()\nif pid: os.waitpid(pid, 0)"))
    assert (outcomes(run), run.end) == ([P, P, P], RunEnd.COMPLETE)


def test_a_flood_of_output_does_not_hide_results(lab: Lab) -> None:
    body = "for _ in range(2000): print('x' * 1000)\nsys.stderr.write('y' * 10**6)\nassert 0"
    run = lab.run({**around(body), "pytest.ini": "[pytest]\naddopts = -s\n"})
    assert (outcomes(run), run.end) == ([P, F, P], RunEnd.COMPLETE)
    assert len(run.output_tail) <= 20_000


def test_descriptors_that_a_test_closes_or_fills_are_not_the_report(lab: Lab) -> None:
    closing = {**around("os.closerange(3, 200)"), "pytest.ini": "[pytest]\naddopts = -s\n"}
    writing = around("for fd in range(3, 10):\n    try: os.write(fd, b'junk\\n')\n    except OSError: pass")
    assert outcomes(lab.run(closing)) == [P, P, P]
    assert outcomes(lab.run(writing)) == [P, P, P]


def test_a_unittest_that_ends_the_process_crashed_and_the_others_run(lab: Lab) -> None:
    text = (
        "import os, time, unittest\n\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"
        "    def test_b(self): os._exit(0)\n"
        "    def test_c(self): time.sleep(100)\n    def test_d(self): pass\n"
    )
    run = lab.run({"test_it.py": text}, UNITTEST, test_seconds=1)
    assert [test.status for test in run.tests] == [P, C, T, P]
    assert run.end is RunEnd.COMPLETE


def test_many_failures_fit_into_the_report(lab: Lab) -> None:
    text = (
        "import pytest\n@pytest.mark.parametrize('n', range(600))\n"
        "def test_fails(n):\n    x = 'y' * 20000\n    assert x == n\n"
    )
    run = lab.run({"test_it.py": text})
    assert (len(run.tests), run.end) == (600, RunEnd.COMPLETE)
    assert all(test.status is F and test.assertion for test in run.tests)


def test_results_are_handed_over_one_by_one(lab: Lab) -> None:
    from agent.verify.run_check import run_check
    from tests.verify.lab import PYTEST

    seen: list[str] = []
    keep: Callable[..., None] = lambda test: seen.append(test.id)  # noqa: E731
    with lab.sandbox(around("pass")) as sandbox:
        python = lab.environment.python
        run = run_check(sandbox, PYTEST, python=python, seconds=60, test_seconds=9, on_test=keep)
    assert seen == [test.id for test in run.tests]
