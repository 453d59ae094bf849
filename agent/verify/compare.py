"""Two runs, test by test: what was fixed, what broke, what cannot be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.protocol.check import Run, RunEnd, TestResult, TestStatus
from agent.protocol.verdict import Failure, Proof, ProofKind, Scope, TestClass, Verdict
from agent.verify.classes import FAILING, GOOD, classify
from agent.verify.outcomes import Outcomes, is_under
from agent.verify.path_class import PathClass, path_class

_MOST_FAILURES = 20
_LONGEST_MESSAGE = 500

__all__ = ["Comparison", "classify", "compare", "compare_runs"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The class of every test of a check, and how many of those that are fine did pass."""

    classes: Mapping[str, TestClass]
    passed: int = 0
    notes: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    failing_before: frozenset[str] = field(default_factory=frozenset)
    failures: tuple[Failure, ...] = ()
    proofs: tuple[Proof, ...] = ()

    def of(self, kind: TestClass) -> tuple[str, ...]:
        """Return the tests of a class, in the order they ran."""
        return tuple(name for name, found in self.classes.items() if found is kind)

    @property
    def harmful(self) -> int:
        """Count the tests that keep the change from being harmless."""
        bad = (TestClass.BROKEN, TestClass.VANISHED, TestClass.NOT_RUN)
        return sum(found in bad for found in self.classes.values())


def compare_runs(red: Run, candidate: Run, base: Run | None = None) -> Comparison:
    """Class every test of two runs of one check.

    `base` is the base with its own tests, when they differ from the candidate's; where it was run
    on selected files only, red speaks for the others.
    """
    patched = sorted(set(candidate.patched) - set(red.patched))
    before, after = Outcomes(red), Outcomes(candidate, distrusted=bool(patched))
    first = _First(before, Outcomes(base) if base is not None else None)
    classes: dict[str, TestClass] = {}
    for test_id in _ids(candidate, red, base):
        if not _is_stand_in(test_id, before, after, first):
            classes[test_id] = first.classify(test_id, after.of(test_id))
    passed = sum(
        found is TestClass.PASSED and after.of(test_id) in GOOD for test_id, found in classes.items()
    )
    return Comparison(
        classes=classes,
        passed=passed,
        notes=_notes(red, candidate, patched),
        overridden=tuple(dict.fromkeys((*red.overridden, *candidate.overridden))),
        failing_before=frozenset(test_id for test_id in classes if before.of(test_id) in FAILING),
        failures=_failures(classes, after),
    )


@dataclass(frozen=True, slots=True)
class _First:
    """What is known of a test before the change: on red, and on the base with its own tests."""

    red: Outcomes
    base: Outcomes | None

    def classify(self, test_id: str, after: TestStatus) -> TestClass:
        before, in_base = self.red.of(test_id), self.in_base(test_id)
        if before is TestStatus.ABSENT:
            # The change removed it from its tests: what it did at the base still counts.
            return classify(in_base, after)
        if before in FAILING and after in FAILING and in_base is not TestStatus.NOT_RUN:
            # It fails with and without the change of the source: the change of the test may be why.
            return classify(in_base, after)
        if before in FAILING and after in GOOD and in_base is TestStatus.ABSENT:
            return self._added(test_id)
        return classify(before, after)

    def in_base(self, test_id: str) -> TestStatus:
        if self.base is None or not _covers(self.base.run, test_id):
            return self.red.of(test_id)
        return self.base.of(test_id)

    def _added(self, test_id: str) -> TestClass:
        """Class a test that the change brings along, that fails without it and passes with it."""
        told = self.red.result(test_id)
        return TestClass.FIXED if told is not None and shows_a_bug(told) else TestClass.NEW


def shows_a_bug(test: TestResult) -> bool:
    """True when a failure is about behaviour: an assertion, a hang, or an exception the source raised.

    An exception raised by the test itself says only that what it calls does not exist yet.
    """
    if test.assertion or test.status in (TestStatus.TIMEOUT, TestStatus.CRASHED):
        return True
    raised_in = path_class(test.trace[-1].path) if test.trace else PathClass.TEST
    return test.status is TestStatus.FAILED and raised_in is PathClass.SOURCE


def failure_of(test_id: str, told: TestResult) -> Failure:
    """Return what a test said that did not pass."""
    where = told.trace[-1] if told.trace else None
    return Failure(test=test_id, message=told.message[:_LONGEST_MESSAGE] or str(told.status), location=where)


def _failures(classes: Mapping[str, TestClass], after: Outcomes) -> tuple[Failure, ...]:
    """Return what the tests say that do not pass on the candidate, the broken ones first."""
    found = []
    for kind in (TestClass.BROKEN, TestClass.STILL_FAILING):
        for test_id in [name for name, one in classes.items() if one is kind][:_MOST_FAILURES]:
            told = after.result(test_id)
            if told is not None:
                found.append(failure_of(test_id, told))
    return tuple(found[:_MOST_FAILURES])


def _covers(run: Run, test_id: str) -> bool:
    return not run.selected or any(test_id == name or is_under(test_id, name) for name in run.selected)


def _ids(candidate: Run, red: Run, base: Run | None) -> list[str]:
    runs = [candidate, red] + ([base] if base is not None else [])
    return list(dict.fromkeys(test.id for run in runs for test in run.tests))


def _is_stand_in(test_id: str, before: Outcomes, after: Outcomes, first: _First) -> bool:
    """True for a file that could not be collected on one side, when the other side knows its tests."""
    if "::" in test_id or test_id.startswith("<"):
        return False
    return any(side.has_tests_under(test_id) for side in (before, after, first.base) if side is not None)


def _notes(red: Run, candidate: Run, patched: list[str]) -> tuple[str, ...]:
    notes = []
    for name, run in (("before", red), ("after", candidate)):
        if run.end not in (RunEnd.COMPLETE, RunEnd.NO_TESTS):
            notes.append(f"the run {name} the change ended as {run.end}: {run.reason}")
    if patched:
        shown = ", ".join(patched[:3])
        notes.append(f"the change replaces functions of the test runner ({shown}); its results do not count")
    return tuple(notes)


def compare(
    red: Run, candidate: Run, *, tree: str, scope: Scope = Scope.FULL, base: Run | None = None
) -> Verdict:
    """Return the verdict of two runs of one check; `tree` is the candidate's."""
    return verdict_of((compare_runs(red, candidate, base),), tree=tree, scope=scope)


def verdict_of(comparisons: tuple[Comparison, ...], *, tree: str, scope: Scope) -> Verdict:
    """Return the verdict of all checks together."""

    def names(kind: TestClass) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for found in comparisons for name in found.of(kind)))

    return Verdict(
        tree=tree,
        scope=scope,
        fixed=names(TestClass.FIXED),
        broken=names(TestClass.BROKEN),
        still_failing=names(TestClass.STILL_FAILING),
        flaky=names(TestClass.FLAKY),
        new=names(TestClass.NEW),
        vanished=names(TestClass.VANISHED),
        skipped_now=names(TestClass.SKIPPED_NOW),
        not_run=names(TestClass.NOT_RUN),
        passed=sum(found.passed for found in comparisons),
        overridden=tuple(dict.fromkeys(name for found in comparisons for name in found.overridden)),
        notes=tuple(dict.fromkeys(note for found in comparisons for note in found.notes)),
        proofs=_best(tuple(proof for found in comparisons for proof in found.proofs)),
        failures=tuple(failure for found in comparisons for failure in found.failures),
    )


def _best(found: tuple[Proof, ...]) -> tuple[Proof, ...]:
    """Return one proof a test: what one check shows, another need not."""
    order = list(ProofKind)
    best: dict[str, Proof] = {}
    for proof in sorted(found, key=lambda proof: order.index(proof.kind)):
        best.setdefault(proof.test, proof)
    return tuple(best.values())
