"""JUnit, SARIF, Code Quality and the outputs of a step, read back by other readers."""

import json
from xml.etree import ElementTree

import pytest

from agent.ci.code_quality import code_quality
from agent.ci.junit import junit
from agent.ci.outputs import outputs
from agent.ci.problem import RULES, Level, Problem, problems
from agent.ci.sarif import LIMIT, sarif
from agent.protocol.check import Location
from agent.protocol.outcome import Outcome
from agent.protocol.verdict import Failure
from tests.ci.reports import HOSTILE, SECRET, hostile, report, verdict


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_text_can_be_written_and_read(text: str) -> None:
    one = hostile(text)
    found = problems([one])
    suite = ElementTree.fromstring(junit([one]).encode()).find("testsuite")
    assert suite is not None and suite.get("failures") == "3"
    (run,) = json.loads(sarif(found))["runs"]
    assert len(run["results"]) == sum(one.location is not None for one in found)
    assert len(json.loads(code_quality(found))) == len(found)
    told = outputs([one], 21)
    assert [pair.partition("=")[0] for pair in told.splitlines()] == [
        *("exit_code", "tasks", "outcome", "task_id", "tree", "branch", "cost_usd")
    ]
    for written in (junit([one]), sarif(found), code_quality(found), told):
        assert SECRET not in written and written.encode()


def test_junit_blames_the_change_for_what_it_broke_only() -> None:
    failed = Failure(test="t/test_a.py::TestA::test_b", message="assert 1 == 2")
    known = {
        "broken": (failed.test,),
        "still_failing": ("t/test_a.py::old",),
        "fixed": ("t/test_a.py::good",),
    }
    root = ElementTree.fromstring(junit([report(verdict=verdict(failures=(failed,), **known))]))
    suite = root.find("testsuite")
    assert suite is not None
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["3", "1", "0", "1"]
    case = suite.find("testcase[@name='test_b']")
    assert case is not None and (case.get("classname"), case.get("file")) == (
        "t.test_a.py.TestA",
        "t/test_a.py",
    )
    failure = case.find("failure")
    assert failure is not None and failure.get("message") == "broken: assert 1 == 2"


def test_junit_of_a_task_without_tests_is_not_green() -> None:
    (suite,) = ElementTree.fromstring(junit([report(Outcome.ENVIRONMENT, log="no such package")]))
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    (fine,) = ElementTree.fromstring(junit([report(Outcome.VERIFIED)]))
    assert (fine.get("tests"), fine.get("errors")) == ("0", "0")


def test_sarif_has_the_shape_of_its_standard() -> None:
    place = Location(path="a b/ü#?.py", line=0)
    placed = Problem(rule="broken", level=Level.ERROR, title="t", message="[x](1)", location=place)
    elsewhere = Problem(rule="outcome", level=Level.ERROR, title="t", message="m")
    log = json.loads(sarif([placed, elsewhere]))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "broken"
    assert result["level"] == "error" and "](" not in result["message"]["text"]
    (where,) = result["locations"]
    assert where["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%BC%23%3F.py"
    assert where["physicalLocation"]["region"]["startLine"] == 1
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"] and len(invocation["toolExecutionNotifications"]) == 1


def test_sarif_says_what_it_leaves_out() -> None:
    place = Location(path="a.py", line=1)
    many = [
        Problem(rule="flaky", level=Level.WARNING, title=str(n), message="m", location=place)
        for n in range(LIMIT + 7)
    ]
    (run,) = json.loads(sarif(many))["runs"]
    assert len(run["results"]) == LIMIT
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("7 more")


def test_a_problem_keeps_its_fingerprint_when_it_moves() -> None:
    def key(line: int) -> str:
        place = Location(path="a.py", line=line)
        one = Problem(rule="flaky", level=Level.WARNING, title="t", message=f"at {line}", location=place)
        entries = json.loads(code_quality([one]))
        assert entries[0]["severity"] == "minor"
        return entries[0]["fingerprint"]

    assert key(3) == key(30)


def test_the_outputs_are_those_of_the_worst_task() -> None:
    told = outputs([report(Outcome.VERIFIED, branch="ratchet/x", cost_usd=0.25), report(cost_usd=0.5)], 21)
    values = dict(pair.split("=", 1) for pair in told.splitlines())
    assert (values["outcome"], values["exit_code"], values["tasks"]) == ("broken", "21", "2")
    assert values["cost_usd"] == "0.7500"
    assert outputs((), 61) == "exit_code=61\ntasks=0\n"
