"""Checks, and what one run of a check said, test by test."""

from enum import StrEnum

from pydantic import Field

from agent.protocol.value import Value


class CheckKind(StrEnum):
    """How the results of a check are read."""

    PYTEST = "pytest"
    UNITTEST = "unittest"
    JUNIT = "junit"
    OPAQUE = "opaque"
    DIAGNOSTICS = "diagnostics"
    """A build, type or lint command whose complaints are compared, not its tests."""


class Check(Value):
    """A command run at the root of the tree whose results we parse."""

    name: str
    kind: CheckKind
    argv: tuple[str, ...] = ()
    """For pytest and unittest: extra arguments. For junit and opaque: the whole command."""
    junit: str | None = None
    """Glob, relative to the tree, of the JUnit XML files that a junit check writes."""
    declared: bool = False
    """The user named this command as the check, so passing it counts as `full`."""


class TestStatus(StrEnum):
    """The outcome of one test in one run."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    ABSENT = "absent"
    NOT_RUN = "not_run"


class Location(Value):
    """A line of a file of the tree; `line` counts from 1."""

    path: str
    line: int


class TestResult(Value):
    """What one test did in one run."""

    __test__ = False

    id: str
    status: TestStatus
    seconds: float = 0.0
    assertion: bool = False
    """The failure was a failed assertion, not an error on the way to one."""
    message: str = ""
    """One line: exception type and text."""
    details: str = ""
    """The traceback as the runner printed it, capped."""
    trace: tuple[Location, ...] = ()
    """Frames inside the tree, outermost first."""


class RunEnd(StrEnum):
    """Why a run stopped; only `complete` lets an unmentioned test count as absent."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    OUT_OF_RESOURCES = "out_of_resources"
    COLLECTION_ERROR = "collection_error"
    NO_TESTS = "no_tests"
    USAGE = "usage"
    INTERNAL = "internal"
    FORGED = "forged"


class Run(Value):
    """One execution of a check on one tree."""

    check: str
    end: RunEnd
    reason: str = ""
    """One sentence when `end` is not `complete`."""
    tests: tuple[TestResult, ...] = ()
    selected: tuple[str, ...] = ()
    """Node ids or paths that were asked for; empty means everything."""
    overridden: tuple[str, ...] = ()
    """Options of the repository's own configuration that were neutralized."""
    patched: tuple[str, ...] = ()
    """Functions of the test runner that were replaced while the tests ran."""
    exit_code: int | None = None
    seconds: float = Field(default=0.0, ge=0)
    output_tail: str = ""

    def by_id(self) -> dict[str, TestResult]:
        """Return the results keyed by test id."""
        return {test.id: test for test in self.tests}
