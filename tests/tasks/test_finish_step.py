"""How a task ends, as its facts have it."""

import pytest

from agent.protocol.event import PatchDelivered
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Answer, Decision
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Scope
from agent.tasks.finish_step import finish, finish_late
from tests.tasks.table import BY_CHEAP, after, fault, gave_up, refused_by_verdict, working
from tests.tasks.test_next_step import FAILED, PATCH, searched, verdict

DELIVERED = PatchDelivered(branch="ratchet/t1", commit="d" * 40)
PROVEN = {"patch": PATCH, "verdict": verdict(fixed=(FAILED.id,), passed=3)}


def ended(state: TaskState) -> tuple[Outcome, str]:
    end = finish(state, None)
    return end.outcome, end.reason


@pytest.mark.parametrize(
    ("facts", "outcome", "said"),
    [
        ({"cancelled": True}, Outcome.INTERRUPTED, "cancelled"),
        ({"cancelled": True, "patch": PATCH}, Outcome.INTERRUPTED, "the patch so far is in the report"),
        ({"cancelled": True, **PROVEN, "delivered": DELIVERED}, Outcome.VERIFIED, "1 failing test fixed"),
        (
            {
                "cancelled": True,
                **PROVEN,
                "delivered": DELIVERED.model_copy(update={"refused": "cancelled before it was applied"}),
            },
            Outcome.INTERRUPTED,
            "the proven fix is on branch ratchet/t1",
        ),
        ({**PROVEN, "delivered": DELIVERED}, Outcome.VERIFIED, "1 failing test fixed"),
        (
            {**PROVEN, "delivered": DELIVERED.model_copy(update={"refused": "it moved"})},
            Outcome.UNVERIFIED,
            "it moved",
        ),
    ],
)
def test_what_people_ended_keeps_what_is_there(facts: dict[str, object], outcome: Outcome, said: str) -> None:
    found, reason = ended(searched(**facts))
    assert found is outcome
    assert said in reason


def test_a_denied_approval_ends_the_task_as_denied() -> None:
    no = Answer(approval_id="gate:1", decision=Decision.DENY, by="tui:ann")
    assert ended(searched(**PROVEN, answers=(no,))) == (Outcome.DENIED, "tui:ann said no")


def test_the_time_of_a_task_is_what_its_steps_took() -> None:
    assert finish(searched(exhausted="none left", seconds=12.5), None).seconds == 12.5
    assert finish_late(searched(seconds=3.0)).seconds == 3.0


@pytest.mark.parametrize(
    ("kind", "outcome", "hint"),
    [
        ("auth", Outcome.NO_PLANNER, "ratchet doctor --models"),
        ("unreachable", Outcome.NO_PLANNER, "ratchet doctor --models"),
        ("budget", Outcome.BUDGET, "--budget"),
        ("quota", Outcome.BUDGET, "--budget"),
    ],
)
def test_a_fault_of_the_last_model_is_how_a_task_ends(kind: str, outcome: Outcome, hint: str) -> None:
    base = PATCH.base
    for spec in (BY_CHEAP, BY_CHEAP.model_copy(update={"kind": TaskKind.ASK, "tests": ()})):
        task = after([fault(kind, tree=base), gave_up("cheap", f"cheap: {kind}")], spec=spec)
        end = finish(task, None)
        assert (end.outcome, end.reason) == (outcome, f"cheap: {kind}")
        assert hint in end.hint


@pytest.mark.parametrize("kind", [TaskKind.FIX, TaskKind.DO])
def test_a_spent_budget_ends_a_task_as_such_and_keeps_what_was_made(kind: TaskKind) -> None:
    spec = BY_CHEAP.model_copy(update={"kind": kind, "tests": ()})
    facts = [
        working(),
        fault("budget"),
        *refused_by_verdict(scope=Scope.TARGET),
        gave_up("cheap", "the budget is spent"),
    ]
    end = finish(after(facts, spec=spec), None)
    assert (end.outcome, end.reason) == (Outcome.BUDGET, "the budget is spent")
    assert "the patch so far is in the report" in end.hint


def test_a_patch_that_does_not_even_fix_the_named_tests_is_not_said_to_do_so() -> None:
    target = {"scope": Scope.TARGET}
    red = [working(), *refused_by_verdict(**target), gave_up("cheap", "the model offers nothing new")]
    end = finish(after(red), None)
    assert (end.outcome, end.reason) == (Outcome.NO_PATCH, "the model offers nothing new")
    green = [working(), *refused_by_verdict(**target, fixed=(FAILED.id,)), gave_up("cheap")]
    assert finish(after(green), None).outcome is Outcome.UNVERIFIED
