"""JUnit reports of a run name the tests that failed; whatever else stands in them says nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.protocol.forge import RunEvidence
from agent.verify.workflows.failing_tests import MOST
from agent.verify.workflows.reports import reported_tests, with_reported


def report(*names: str, outcome: str = "<failure/>") -> bytes:
    """Return a report in which these tests, by class and name, end alike."""
    cases = [f'<testcase classname="{a}" name="{b}">{outcome}</testcase>' for a, _, b in map(_split, names)]
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>".encode()


def _split(name: str) -> tuple[str, str, str]:
    return name.partition("::")


def evidence(*failing: str) -> RunEvidence:
    return RunEvidence(workflow="w", job="j", step="s", command="c", failing=failing)


def test_what_failed_or_could_not_run_is_named_and_nothing_else() -> None:
    files = [
        report("t.a::failed"),
        report("t.a::broken", outcome='<error message="x"/>'),
        report("t.a::fine", outcome=""),
        report("t.a::left_out", outcome="<skipped/>"),
        report("::t.collected"),
    ]
    assert reported_tests(files) == ("t.a::failed", "t.a::broken", "t.collected")


def test_a_test_in_many_reports_is_named_once() -> None:
    files = [report("t.a::one[1]", "t.a::one[2]"), report("t.a::one[1]", "t.a.Case::two")]
    assert reported_tests(files) == ("t.a::one[1]", "t.a.Case::two")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff",
        b"<coverage line-rate='1'/>",
        b'<?xml version="1.0" encoding="base64"?><a/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"><failure/></testcase></testsuite>',
        b'<testsuite><testcase name="one"><failure/></testcase>',
    ],
)
def test_what_is_no_whole_report_says_nothing_and_takes_nothing_away(data: bytes) -> None:
    assert reported_tests([data, report("t::a")]) == ("t::a",)


def test_no_more_tests_are_named_than_anybody_looks_at() -> None:
    many = report(*(f"t::test_{number}" for number in range(MOST + 10)))
    assert len(reported_tests([many, many])) == MOST
    first = evidence(*(f"log.py::test_{number}" for number in range(MOST)))
    assert with_reported(first, ("t::other",)) == first


def test_names_are_shown_harmless() -> None:
    hidden = "t::\u202ea" + "x" * 3000
    (name,) = reported_tests([report(hidden)])
    assert "\u202e" not in name and len(name) <= 1000


def test_what_the_log_names_comes_first_and_once_by_whatever_name() -> None:
    log = evidence("tests/test_a.py::Case::test_one[x]", "pkg/tests/test_b.py::test_two")
    names = ("tests.test_a.Case::test_one[x]", "tests.test_b::test_two", "tests.test_c::test_three")
    assert with_reported(log, names).failing == (*log.failing, "tests.test_c::test_three")
    assert with_reported(evidence(), names).failing == names


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    reported_tests([data, b'<?xml version="1.0" encoding="' + data[:20] + b'"?><a/>'])
