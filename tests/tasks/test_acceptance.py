"""What counts as done, by kind of task."""

import pytest

from agent.protocol.check import Check, CheckKind, Location, Run, RunEnd, TestStatus
from agent.protocol.task import Intent, TaskKind
from agent.protocol.verdict import Proof, ProofKind, Scope, Tamper, TamperKind, Verdict
from agent.tasks.acceptance import accepted, nothing_to_do
from tests.tasks.test_next_step import FAILED, PATCH, SPEC, state

SHOWN = Proof(
    test="t.py::test_new", kind=ProofKind.STRONG, red=TestStatus.FAILED, candidate=TestStatus.PASSED
)
LOOSER = Tamper(kind=TamperKind.FEWER_ASSERTS, location=Location(path="t.py", line=3), test="t.py::test_a")


def holds(kind: TaskKind, intent: Intent = Intent.IMPLEMENT, **known: object) -> bool:
    spec = SPEC.model_copy(update={"kind": kind, "intent": intent})
    verdict = Verdict(**{"tree": PATCH.tree, "scope": Scope.FULL, "passed": 3, **known})
    return accepted(state(spec=spec, patch=PATCH, verdict=verdict))


def test_without_a_verdict_nothing_is_accepted() -> None:
    assert not accepted(state())


def test_a_fix_needs_its_tests_and_a_request_needs_a_proof() -> None:
    assert holds(TaskKind.FIX, fixed=(FAILED.id,))
    assert not holds(TaskKind.FIX, proofs=(SHOWN,))
    assert holds(TaskKind.DO, proofs=(SHOWN,))
    assert not holds(TaskKind.DO)


def test_a_refactoring_is_accepted_when_no_test_changed_its_outcome() -> None:
    for intent in (Intent.REFACTOR, Intent.DOCUMENT):
        assert holds(TaskKind.DO, intent)
        assert not holds(TaskKind.DO, intent, fixed=("t.py::test_b",))


@pytest.mark.parametrize("harm", [{"broken": ("x",)}, {"vanished": ("x",)}, {"tampering": (LOOSER,)}])
def test_harm_and_loosened_tests_are_accepted_in_no_kind_of_task(harm: dict[str, object]) -> None:
    assert not holds(TaskKind.FIX, fixed=(FAILED.id,), **harm)
    assert not holds(TaskKind.DO, proofs=(SHOWN,), **harm)
    assert not holds(TaskKind.DO, Intent.REFACTOR, **harm)


def test_a_request_goes_on_where_nothing_fails_and_a_fix_does_not() -> None:
    passed = FAILED.model_copy(update={"status": TestStatus.PASSED})
    green = (Run(check="pytest", end=RunEnd.COMPLETE, tests=(passed,)),)
    request = SPEC.model_copy(update={"kind": TaskKind.DO, "tests": ()})
    assert nothing_to_do(state(baseline=green))
    assert not nothing_to_do(state(spec=request, baseline=green))


def test_a_request_goes_on_without_any_test_but_not_in_a_broken_environment() -> None:
    request = SPEC.model_copy(update={"kind": TaskKind.DO, "tests": ()})
    checks = (Check(name="pytest", kind=CheckKind.PYTEST),)
    empty = (Run(check="pytest", end=RunEnd.NO_TESTS),)
    assert not nothing_to_do(state(spec=request, checks=checks, baseline=empty))
    broken = (Run(check="pytest", end=RunEnd.COLLECTION_ERROR),)
    assert nothing_to_do(state(spec=request, checks=checks, baseline=broken))
