"""The log of a job is cut into its steps, and says what failed; whatever stands in it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verify.workflows.complaint import complaint, normal
from agent.verify.workflows.evidence import evidence_of
from agent.verify.workflows.failing_tests import failing_tests
from agent.verify.workflows.log import MAX_CHARACTERS, excerpt, failed_section, read_log
from agent.verify.workflows.plan import Plan
from tests.verify.workflows.job_log import Ran, job_log

PLAN = Plan(step="Tests", first_line="make test", command="make test")


def told(log: str, first_line: str = "make test") -> tuple[str, ...]:
    """Return what the failed step of a log printed."""
    return failed_section(read_log(log), first_line).output


def test_a_log_is_cut_into_what_each_step_printed() -> None:
    steps = [
        Ran("pip install x", "one"),
        Ran("make test\nmake more", "\x1b[31mtwo\x1b[0m\nthree", 2),
        Ran("echo", "four"),
    ]
    sections = read_log(job_log(steps))
    assert [one.title for one in sections] == ["", "pip install x", "make test", "", "echo", ""]
    assert [one.failed for one in sections] == [False, False, True, False, False, False]
    assert sections[2].output == ("two", "three")


def test_the_failing_step_is_found_by_its_script_or_by_its_end() -> None:
    log = job_log([Ran("make test", "passed"), Ran("make test", "failed", 1), Ran("make lint", "lint", 1)])
    assert told(log) == ("failed",)
    assert told(log, "make lint")[0] == "lint"
    assert told(log, "something else") == ("failed",)
    assert told("no log at all") == ("no log at all",)
    assert told("") == ("",)


def test_groups_that_a_test_prints_are_no_steps() -> None:
    inside = "##[group]Details\ninside\n##[endgroup]\n::group::More"
    output = f"{inside}\n::error file=a.py,line=1::wrong\n::debug::x\nlast"
    assert told(job_log([Ran("make test", output, 1)])) == ("inside", "wrong", "last")


def test_the_excerpt_has_the_errors_and_the_end() -> None:
    lines = [f"line {n}" for n in range(300)]
    lines[100] = "##[error]it broke here"
    found = excerpt(failed_section(read_log(job_log([Ran("make test", "\n".join(lines), 1)])), "make test"))
    assert "line 97\nline 98\nline 99\nerror: it broke here\nline 101" in found
    assert found.splitlines()[0] == "…" and "line 50\n" not in found
    assert found.endswith("line 299\nerror: Process completed with exit code 1.")


def test_secrets_and_terminal_sequences_are_no_evidence() -> None:
    token = "ghp_" + "a1B2" * 9
    output = f"\x1b]0;title\x07AssertionError: {token}\u202e\nFAILED tests/a.py::t[{token}] - x"
    found = evidence_of(PLAN, workflow="w", job="j\n\x1b[2J", log=job_log([Ran("make test", output, 1)]))
    text = found.model_dump_json()
    assert token not in text and "\\u001b" not in text and "\u202e" not in text


TESTS = {
    "FAILED tests/test_a.py::test_b - assert 1 == 2": "tests/test_a.py::test_b",
    "FAILED tests/test_a.py::A::test_b[x - y] - assert": "tests/test_a.py::A::test_b[x - y]",
    "FAILED tests/test_a.py::test_b[a[0]]": "tests/test_a.py::test_b[a[0]]",
    "ERROR tests/test_a.py - ImportError: no": "tests/test_a.py",
    "ERROR tests/test_a.py": "tests/test_a.py",
    "ERROR tests/test_a.py::test_b - fixture": "tests/test_a.py::test_b",
    "web-1  | FAILED a.py::b": "a.py::b",
    "py311: FAILED a.py::b - x": "a.py::b",
    "[gw1] [ 50%] FAILED a.py::b[1 2] ": "a.py::b[1 2]",
    "a.py::A::b FAILED                    [ 10%]": "a.py::A::b",
    "a.py::b[x y] ERROR   [100%]": "a.py::b[x y]",
    "SUBFAILED [i=1] a.py::b - x": "a.py::b",
    "SUBFAILED(i=1) a.py::b - x": "a.py::b",
    "____ ERROR collecting tests/a.py ____": "tests/a.py",
    "FAIL: test_b (tests.a.A)": "tests.a.A.test_b",
    "FAIL: test_b (tests.a.A.test_b)": "tests.a.A.test_b",
    "FAIL: test_b (tests.a.A.test_b) (i=1)": "tests.a.A.test_b",
    "ERROR: setUpClass (tests.a.A)": "tests.a.A",
    "ERROR: tests.a (unittest.loader._FailedTest.tests.a)": "tests.a",
    "ERROR: tests.a (unittest.loader._FailedTest)": "tests.a",
    "ERROR: a (unittest.loader._FailedTest.a)": "a",
    "ERROR: file or directory not found: tests": "",
    "FAILED (failures=1)": "",
    "FAILED to do something": "",
    "ERROR  root:a.py:3 message": "",
    "ERROR: InvocationError for command x.py": "",
    "make: *** [Makefile:2: test] FAILED": "",
}


@pytest.mark.parametrize("line", TESTS)
def test_a_line_names_a_failed_test_or_none(line: str) -> None:
    assert failing_tests([line]) == ((TESTS[line],) if TESTS[line] else ())


COMPLAINTS = {
    "a\nE   AssertionError: 3 is not 4\nE    +  where\nValueError: b": "AssertionError: 3 is not 4",
    "Traceback (most recent call last):\n  File 'x'\nKeyError: 'a'\nend": "KeyError: 'a'",
    "checking\nsrc/a.py:12:4: F401 unused\nFound 1 error": "src/a.py:12:4: F401 unused",
    "building\nerror: linking failed\nmore": "error: linking failed",
    "F401 [*] `os` imported but unused\n --> a.py:1:8\nFound 1 error.": "F401 [*] `os` imported but unused",
    "Would reformat: a.py\n1 file would be reformatted": "Would reformat: a.py",
    "one\ntwo\n": "two",
    "": "",
}


@pytest.mark.parametrize("text", COMPLAINTS)
def test_the_line_that_says_most_is_found(text: str) -> None:
    assert complaint(text.split("\n")) == COMPLAINTS[text]


def test_what_differs_between_machines_is_taken_out_of_a_line() -> None:
    there = "E: /home/runner/work/shop/shop/src/a.py <A at 0x7f8a2b> in /tmp/pytest-of-runner/x took 1.25s"
    here = "E:  /workspace/src/a.py <A at 0x55aa1234> in /tmp/tmpab took 3s"
    assert normal(there) == normal(here) == "E: src/a.py <A at 0x> in /tmp took 0s"


_lines = st.sampled_from(
    [
        "##[group]Run make test",
        "##[endgroup]",
        "##[error]x",
        "FAILED a.py::b",
        "E   x",
        "::group::",
        "\x1b[",
        "\ufeff",
        "a",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(_lines, max_size=40).map("\n".join)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_log(text: str) -> None:
    found = evidence_of(PLAN, workflow="w", job="j", log=text)
    assert len(found.excerpt) <= 9000 and len(found.message) <= 1000
    assert not re.search("[\x00-\x08\x1b\u202e]", found.excerpt + found.message)


@pytest.mark.parametrize(
    "line",
    [
        "FAILED " + ".py::" * 400,
        "FAILED " + "[" * 1900,
        "a." * 900 + "Error",
        "x:1" * 600,
        "0x" * 900,
        "/tmp/" * 350,
        "1.1" * 600,
        "##[a]" * 300,
        "\x1b[" * 900,
        "  " * 1000,
    ],
    ids=lambda line: line[:12],
)
def test_a_long_hostile_log_is_read(line: str) -> None:
    text = f"{line}\n" * (MAX_CHARACTERS // 16 // len(line))
    found = evidence_of(PLAN, workflow="w", job="j", log=text)
    assert len(found.excerpt) <= 9000
