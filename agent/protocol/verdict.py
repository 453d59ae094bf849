"""The verdict: base against candidate, test by test, bound to one tree."""

from enum import StrEnum

from agent.protocol.check import Location
from agent.protocol.value import Value


class TestClass(StrEnum):
    """What a change did to one test."""

    __test__ = False

    FIXED = "fixed"
    BROKEN = "broken"
    STILL_FAILING = "still_failing"
    FLAKY = "flaky"
    NEW = "new"
    VANISHED = "vanished"
    SKIPPED_NOW = "skipped_now"
    PASSED = "passed"
    NOT_RUN = "not_run"


class Scope(StrEnum):
    """How much of the check a verdict rests on; only `full` can be `verified`."""

    TARGET = "target"
    IMPACTED = "impacted"
    FULL = "full"


class Diagnostic(Value):
    """One compile, type or lint complaint that the change introduced."""

    tool: str
    location: Location
    message: str
    code: str = ""


class Verdict(Value):
    """What the harness measured; `tree` is the git tree hash it holds for."""

    tree: str
    scope: Scope
    fixed: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    skipped_now: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    passed: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    """Complaints of compile, type and lint checks that base did not have."""
    test_control: tuple[str, ...] = ()
    """Changed files that decide how tests run (conftest, plugins, CI, tool settings)."""
    overridden: tuple[str, ...] = ()
    """Test-runner options that were neutralized."""
    notes: tuple[str, ...] = ()
    """Sentences a reader must know, e.g. that a check is opaque."""
    seconds: float = 0.0

    @property
    def harmless(self) -> bool:
        """True when nothing that worked before is broken, lost, unmeasured or newly complained about."""
        return not (self.broken or self.vanished or self.not_run or self.diagnostics)
