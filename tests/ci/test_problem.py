from agent.ci.problem import RULES, Level, problems
from agent.protocol.check import Location
from agent.protocol.outcome import Outcome
from agent.protocol.verdict import Failure
from tests.ci.reports import hostile, report, verdict


def test_a_test_is_shown_where_it_failed_or_else_in_its_file() -> None:
    failed = Failure(test="t.py::a", message="boom", location=Location(path="src.py", line=7))
    found = problems([report(verdict=verdict(broken=("t.py::a", "t.py::b", "opaque"), failures=(failed,)))])
    assert [one.location for one in found] == [failed.location, Location(path="t.py", line=1), None]
    assert found[0].message == "boom"


def test_the_loudest_come_first_and_none_twice() -> None:
    one = report(verdict=verdict(still_failing=("t.py::s",), flaky=("t.py::f",), broken=("t.py::b",)))
    assert [found.level for found in problems([one, one])] == [Level.ERROR, Level.WARNING, Level.NOTICE]


def test_a_task_that_failed_has_at_least_one_error() -> None:
    (found,) = problems([report(Outcome.ENVIRONMENT, reason="no lock", hint="make one")])
    assert (found.rule, found.level, found.message) == ("outcome", Level.ERROR, "no lock\nmake one")
    assert problems([report(Outcome.VERIFIED)]) == ()


def test_every_rule_is_explained() -> None:
    assert {one.rule for one in problems([hostile("x")])} <= set(RULES)
