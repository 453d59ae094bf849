"""What a report holds against a change, each with its place: the one list that all forms show."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from agent.protocol.check import Location
from agent.protocol.outcome import exit_code
from agent.protocol.report import Report
from agent.protocol.value import Value
from agent.protocol.verdict import Verdict

RULES = {
    "broken": "A test that passed on the base fails on the change",
    "vanished": "A test of the base is gone or no longer collected",
    "weakened": "A test of the base, as it was, fails on the changed source",
    "not_run": "A test could not be measured",
    "diagnostic": "A compile, type or lint complaint that the base did not have",
    "loosened": "A change loosens a test or the settings around it",
    "skipped_now": "A test that ran on the base is skipped on the change",
    "flaky": "A test does not have the same outcome every time",
    "still_failing": "A test failed before the change and still does",
    "proven": "A finding of a review that a test proves",
    "unproven": "A finding of a review that no test proves",
    "outcome": "The task did not come to what was asked for",
}
"""By name: what a reader is told about it."""


class Level(StrEnum):
    """How loud a problem is; also GitHub's words for annotations."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Problem(Value):
    """One thing to show at one place; title and message are outside text."""

    rule: str
    level: Level
    title: str
    message: str
    location: Location | None = None


_TESTS = (
    ("broken", Level.ERROR),
    ("vanished", Level.ERROR),
    ("weakened", Level.ERROR),
    ("not_run", Level.ERROR),
    ("skipped_now", Level.WARNING),
    ("flaky", Level.WARNING),
    ("still_failing", Level.NOTICE),
)


def problems(reports: Iterable[Report]) -> tuple[Problem, ...]:
    """Return the problems of some tasks, the loudest first; a failed task has at least one error."""
    found = dict.fromkeys(problem for report in reports for problem in _of(report))
    return tuple(sorted(found, key=lambda one: list(Level).index(one.level)))


def _of(report: Report) -> list[Problem]:
    found = [*_tests(report.verdict), *_places(report.verdict), *_findings(report)]
    if exit_code(report.outcome) and not any(one.level is Level.ERROR for one in found):
        message = f"{report.reason}\n{report.hint}".strip()
        title = f"ratchet: {report.outcome.replace('_', ' ')}"
        found.insert(0, Problem(rule="outcome", level=Level.ERROR, title=title, message=message))
    return found


def _tests(verdict: Verdict) -> Iterator[Problem]:
    failures = {failure.test: failure for failure in verdict.failures}
    for rule, level in _TESTS:
        for test in getattr(verdict, rule):
            failure = failures.get(test)
            place = failure.location if failure else None
            message = failure.message if failure and failure.message else RULES[rule]
            title = f"{rule.replace('_', ' ')}: {test}"
            yield Problem(
                rule=rule, level=level, title=title, message=message, location=place or _file_of(test)
            )


def _file_of(test: str) -> Location | None:
    path, colons, _ = test.partition("::")
    return Location(path=path, line=1) if colons and path else None


def _places(verdict: Verdict) -> Iterator[Problem]:
    for one in verdict.diagnostics:
        title = f"{one.tool}: {one.code}" if one.code else one.tool
        yield Problem(
            rule="diagnostic", level=Level.ERROR, title=title, message=one.message, location=one.location
        )
    for tamper in verdict.tampering:
        message = tamper.message or RULES["loosened"]
        title = f"loosened: {tamper.kind.replace('_', ' ')}" + (f" ({tamper.test})" if tamper.test else "")
        yield Problem(
            rule="loosened", level=Level.WARNING, title=title, message=message, location=tamper.location
        )


def _findings(report: Report) -> Iterator[Problem]:
    for one in report.findings:
        message = f"{one.body}\n{one.evidence}".strip() or one.title
        yield Problem(
            rule="proven" if one.proven else "unproven",
            level=Level.ERROR if one.proven else Level.NOTICE,
            title=one.title,
            message=message,
            location=Location(path=one.path, line=max(1, one.line)),
        )
