"""The verdict: base against candidate, test by test, bound to one tree."""

from enum import StrEnum

from agent.protocol.check import Location, TestStatus
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


class ProofKind(StrEnum):
    """What the failure of a test without the change of the source says about the change."""

    STRONG = "strong"
    """A failed assertion, or an exception that the source raised: the behaviour was another one."""
    WEAK = "weak"
    """It could not get that far: what it uses does not exist yet, or it hung or crashed."""
    NONE = "none"
    """It shows nothing: it passes without the change, fails with it, wavers, or asserts nothing."""


class Proof(Value):
    """A test run without the change of the source (red) and with it."""

    test: str
    kind: ProofKind
    red: TestStatus
    candidate: TestStatus
    brought: bool = False
    """The change added or edited this test."""
    message: str = ""
    """One line of the failure on red, or why the test shows nothing."""


class TamperKind(StrEnum):
    """What a change did to tests, or to the settings around them, that were there before."""

    REMOVED = "removed"
    RENAMED = "renamed"
    """The same test under a name that is or is not collected."""
    SKIPPED = "skipped"
    EXPECTED_TO_FAIL = "expected_to_fail"
    EMPTIED = "emptied"
    FEWER_ASSERTS = "fewer_asserts"
    WEAKER_ASSERT = "weaker_assert"
    CHANGED_EXPECTATION = "changed_expectation"
    WIDER_TOLERANCE = "wider_tolerance"
    EARLY_END = "early_end"
    SWALLOWED = "swallowed"
    """The assertion lies in a `try` or `suppress` that it did not lie in before."""
    FEWER_CASES = "fewer_cases"
    """Parameters of a parametrized test are gone."""
    LONGER_TIMEOUT = "longer_timeout"
    REWRITTEN = "rewritten"
    """A file of tests that cannot be read, before or after."""
    DATA = "data"
    """A file that tests read."""
    TEST_SETTINGS = "test_settings"
    """conftest, plugins, test options, CI: whatever decides how tests run."""
    TOOL_SETTINGS = "tool_settings"
    """What linters and type checkers complain about."""


class Tamper(Value):
    """One place where a change loosens what measures it, found on the text alone."""

    kind: TamperKind
    location: Location
    """In the candidate; in the base where the candidate has no such place."""
    test: str = ""
    """Path and name, as pytest writes them: `tests/test_a.py::TestA::test_b`."""
    message: str = ""


class Survivor(Value):
    """A changed line that can be changed again without a test that notices."""

    location: Location
    change: str
    """e.g. `<` -> `<=`."""


class Strength(Value):
    """How many small faults in the changed lines the tests notice; decides nothing."""

    killed: int = 0
    survived: int = 0
    timed_out: int = 0
    """Mutants that ran past their limit, which counts as noticed."""
    unmeasured: int = 0
    """Mutants for which no time was left."""
    survivors: tuple[Survivor, ...] = ()
    tests: tuple[str, ...] = ()
    """What each mutant was run against."""


class Failure(Value):
    """What a test that does not pass on the candidate said."""

    test: str
    message: str
    """One line: exception type and text."""
    location: Location | None = None
    """The innermost frame inside the tree."""


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
    proofs: tuple[Proof, ...] = ()
    """Tests that the change brings along, and those that it fixes."""
    weakened: tuple[str, ...] = ()
    """Tests and test files of the base that fail on the changed source as they were."""
    tampering: tuple[Tamper, ...] = ()
    """Where the change loosens existing tests or the settings around them."""
    failures: tuple[Failure, ...] = ()
    """Of the tests that do not pass on the candidate, the broken ones first; not all when they are many."""
    strength: Strength | None = None
    """None when it was not measured."""

    @property
    def harmless(self) -> bool:
        """True when nothing that worked before is broken, lost, unmeasured or newly complained about."""
        gone = self.broken or self.vanished or self.weakened
        return not (gone or self.not_run or self.diagnostics)

    @property
    def standing(self) -> tuple[int, int, int, int]:
        """Return how good it is, to compare candidates of one task with; larger is better."""
        harm = len(self.broken) + len(self.vanished) + len(self.weakened) + len(self.diagnostics)
        return (-harm, len(self.fixed), -len(self.not_run), -len(self.still_failing))

    @property
    def set_apart(self) -> tuple[str, ...]:
        """Return the files whose change cannot be proven by running what they decide."""
        return tuple(sorted({*self.test_control, *(found.location.path for found in self.tampering)}))
