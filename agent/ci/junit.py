"""What tasks came to, as JUnit XML, which every CI shows."""

import re
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from agent.ci.shown import line, lines
from agent.protocol.outcome import exit_code
from agent.protocol.report import Report
from agent.protocol.verdict import Verdict

# What `spell` leaves that no XML 1.0 document may hold (section 2.2).
_FORBIDDEN = re.compile("[\ufffe\uffff]")
_BAD = ("broken", "vanished", "weakened", "not_run")
_SKIPPED = ("still_failing", "skipped_now", "flaky")
_GOOD = ("fixed", "new")


def junit(reports: Sequence[Report]) -> str:
    """Return one suite for each task; only tests that a verdict names are cases, the rest is counted.

    Failures are what the change is to blame for: what failed before and still does is skipped. A task that
    failed without naming such a test has one case with an error, so that it is not green.
    """
    root = Element("testsuites", name="ratchet")
    for report in reports:
        _suite(root, report)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, report: Report) -> None:
    suite = SubElement(root, "testsuite", name=f"ratchet {report.task_id}", time=f"{report.seconds:.3f}")
    properties = SubElement(suite, "properties")
    for name, value in (("outcome", report.outcome), ("passed", str(report.verdict.passed))):
        SubElement(properties, "property", name=name, value=value)
    _cases(suite, report.verdict)
    if exit_code(report.outcome) and suite.find("testcase/failure") is None:
        case = SubElement(suite, "testcase", classname="ratchet", name=report.outcome)
        SubElement(case, "error", message=_text(report.reason)).text = _block(report.log or report.hint)
    cases = suite.findall("testcase")
    kinds = {"tests": None, "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in kinds.items():
        suite.set(name, str(sum(1 for case in cases if tag is None or case.find(tag) is not None)))


def _cases(suite: Element, verdict: Verdict) -> None:
    messages = {one.test: one.message for one in verdict.failures}
    shown: set[str] = set()
    for kinds, tag in ((_BAD, "failure"), (_SKIPPED, "skipped"), (_GOOD, "")):
        for kind, test in _named(verdict, kinds):
            if test in shown:
                continue
            shown.add(test)
            case = _case(suite, test)
            if tag or test in messages:
                message = f"{kind.replace('_', ' ')}: {messages.get(test, '')}".rstrip(": ")
                SubElement(case, tag or "failure", message=_text(message))


def _named(verdict: Verdict, kinds: Iterable[str]) -> list[tuple[str, str]]:
    return [(kind, test) for kind in kinds for test in getattr(verdict, kind)]


def _case(suite: Element, test: str) -> Element:
    path, _, name = test.rpartition("::")
    # Dots are how JUnit's readers group; the path itself stays whole for those that open files.
    grouped = _text(path).removesuffix(".py").replace("/", ".").replace("::", ".")
    return SubElement(
        suite, "testcase", classname=grouped or "tests", name=_text(name), file=_text(path.split("::")[0])
    )


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", line(text, 1000))


def _block(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", lines(text))
