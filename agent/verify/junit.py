"""JUnit XML of foreign runners, read without entities, document types or external files."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from xml.parsers import expat

from agent.protocol.check import TestResult, TestStatus

_OUTCOMES = {
    "failure": TestStatus.FAILED,
    "error": TestStatus.ERROR,
    "skipped": TestStatus.SKIPPED,
}
_DETAILS = 8000
_ENCODINGS = re.compile(r"(?:utf-?(?:8|16)|(?:us-)?ascii|(?:iso-8859|windows|cp)-?\d{1,4})", re.IGNORECASE)
"""Those of real files; the standard library would try any of its codecs."""


class BadJUnit(ValueError):
    """The file is not JUnit XML that we are willing to read."""


@dataclass(slots=True)
class _Reading:
    """The test case that is being read."""

    only: Collection[TestStatus]
    most: int | None
    found: list[TestResult] = field(default_factory=list)
    case: dict[str, str] | None = None
    status: TestStatus = TestStatus.PASSED
    message: str = ""
    text: list[str] = field(default_factory=list)
    inside: bool = False
    depth: int = 0


def read_junit(
    data: bytes, only: Collection[TestStatus] = frozenset(TestStatus), most: int | None = None
) -> tuple[TestResult, ...]:
    """Return the test cases of one file that ended so, the first `most` of them; raises BadJUnit."""
    reading = _Reading(only, most)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = _encoding
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: _start(reading, name, attributes)
    parser.EndElementHandler = lambda name: _end(reading, name)
    parser.CharacterDataHandler = lambda text: reading.text.append(text) if reading.inside else None
    try:
        parser.Parse(data, True)
    except BadJUnit:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise BadJUnit(f"not well-formed XML: {error}") from None
    return tuple(reading.found)


def _refuse(*_: object) -> None:
    raise BadJUnit("the file declares a document type or an entity")


def _encoding(_: str, name: str | None, __: int) -> None:
    if name is not None and not _ENCODINGS.fullmatch(name):
        raise BadJUnit("the file is in an encoding that is not read")


def _start(reading: _Reading, name: str, attributes: dict[str, str]) -> None:
    reading.depth += 1
    if reading.depth > 100:
        raise BadJUnit("elements are nested too deeply")
    if name == "testcase":
        reading.case, reading.status, reading.message, reading.text = attributes, TestStatus.PASSED, "", []
    elif name in _OUTCOMES and reading.case is not None:
        reading.status = _OUTCOMES[name]
        reading.message = attributes.get("message") or attributes.get("type", "")
        reading.inside = True


def _end(reading: _Reading, name: str) -> None:
    reading.depth -= 1
    if name in _OUTCOMES:
        reading.inside = False
    if name == "testcase" and reading.case is not None:
        if reading.status in reading.only and (reading.most is None or len(reading.found) < reading.most):
            reading.found.append(_result(reading, reading.case))
        reading.case = None


def _result(reading: _Reading, case: dict[str, str]) -> TestResult:
    owner = case.get("classname") or case.get("file") or ""
    name = case.get("name", "")
    return TestResult(
        id=f"{owner}::{name}" if owner else name,
        status=reading.status,
        seconds=_seconds(case.get("time", "")),
        assertion=reading.status is TestStatus.FAILED,
        message=" ".join(reading.message.split())[:500],
        details="".join(reading.text)[:_DETAILS],
    )


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text.replace(",", "")))
    except ValueError:
        return 0.0
