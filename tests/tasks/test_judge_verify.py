"""A patch that was handed in: when it may go on, who is asked, and what is said in the end."""

import pytest

from agent.protocol.check import Location
from agent.protocol.event import PatchDelivered
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Action, Answer, Decision, Rule, Subject
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Scope, Tamper, TamperKind, Verdict
from agent.tasks.acceptance import proves
from agent.tasks.judge_verify import accepts_change, delivers, judge_verify
from agent.tasks.next_step import Step, StepKind, next_step
from agent.tasks.questions import DELIVERY, approval
from tests.tasks.test_next_step import PATCH, state

SPEC = TaskSpec(kind=TaskKind.VERIFY, repository="/r", patch="diff", apply=True)
LOOSER = Tamper(kind=TamperKind.FEWER_ASSERTS, location=Location(path="a.py", line=3))
ASK_A = Action(subject=Subject.PATH, value="a.py")


def verdict(**known: object) -> Verdict:
    return Verdict(**{"tree": PATCH.tree, "scope": Scope.FULL, "passed": 3, **known})


def measured(found: Verdict | None = None, **known: object) -> TaskState:
    facts = {"spec": SPEC, "head_tree": PATCH.tree, "patch": PATCH, "verdict": found or verdict()}
    return state(**{**facts, **known})


@pytest.mark.parametrize(
    ("more", "yes"),
    [
        ({}, True),
        ({"apply": False}, False),
        ({"apply": False, "branch": "b"}, True),
        ({"deliver": False}, False),
        ({"patch": None}, False),
        ({"kind": TaskKind.FIX}, False),
    ],
)
def test_only_a_patch_with_somewhere_to_go_is_delivered(more: dict[str, object], yes: bool) -> None:
    assert delivers(SPEC.model_copy(update=more)) is yes


@pytest.mark.parametrize(
    ("known", "yes"),
    [
        ({}, True),
        ({"still_failing": ("t::b",)}, True),
        ({"tampering": (LOOSER,)}, True),
        ({"broken": ("t::a",)}, False),
        ({"vanished": ("t::a",)}, False),
        ({"not_run": ("t::a",)}, False),
        ({"test_control": ("conftest.py",)}, False),
        ({"scope": Scope.IMPACTED}, False),
        ({"passed": 0}, False),
    ],
)
def test_a_patch_goes_on_when_verify_would_end_well_on_the_whole_check(
    known: dict[str, object], yes: bool
) -> None:
    assert accepts_change(verdict(**known)) is yes
    expected = StepKind.FINISH if not yes else StepKind.GATE if known.get("tampering") else StepKind.DELIVER
    assert next_step(measured(verdict(**known))) == Step(kind=expected)


def test_it_is_made_measured_and_delivered_in_this_order() -> None:
    assert next_step(measured(patch=None, verdict=None)) == Step(kind=StepKind.APPLY)
    assert next_step(measured(verdict=None)) == Step(kind=StepKind.VERIFY)
    delivered = PatchDelivered(branch=None, commit="", applied=True)
    assert next_step(measured(delivered=delivered)) == Step(kind=StepKind.FINISH)
    only_judged = SPEC.model_copy(update={"apply": False})
    assert next_step(measured(spec=only_judged, patch=None, verdict=None)) == Step(kind=StepKind.VERIFY)
    assert next_step(measured(spec=only_judged)) == Step(kind=StepKind.FINISH)


@pytest.mark.parametrize("known", [{"tampering": (LOOSER,)}, {"weakened": ("a.py::test_x",)}])
def test_what_loosens_its_own_tests_is_asked_about_whatever_the_user_allows(known: dict[str, object]) -> None:
    free = Rule(subject=Subject.PATH, pattern="*", decision=Decision.ALLOW)
    spec = SPEC.model_copy(update={"policy": (free,)})
    waiting = measured(verdict(**known), spec=spec)
    asked = approval(waiting, DELIVERY)
    assert (asked.id, asked.actions, asked.rules[0].origin) == ("gate", (ASK_A,), "verdict")
    yes = Answer(approval_id="gate", decision=Decision.ALLOW, by="tui:ann")
    answered = waiting.model_copy(update={"approvals": (asked,), "answers": (yes,)})
    assert next_step(answered) == Step(kind=StepKind.DELIVER)


def test_a_file_that_the_verdict_sets_apart_is_asked_about_where_the_patch_does_not_name_it() -> None:
    elsewhere = Tamper(kind=TamperKind.RENAMED, location=Location(path="old.py", line=1))
    asked = approval(measured(verdict(tampering=(elsewhere,))), DELIVERY)
    assert [action.value for action in asked.actions] == ["old.py"]


def test_a_merge_may_loosen_no_more_than_what_was_seen() -> None:
    seen = measured(verdict(tampering=(LOOSER,)))
    further = Tamper(kind=TamperKind.FEWER_ASSERTS, location=Location(path="b.py", line=3))
    assert proves(seen, verdict(tampering=(LOOSER,)))
    assert not proves(seen, verdict(tampering=(LOOSER, further)))


@pytest.mark.parametrize(
    ("delivered", "said"),
    [
        (None, "so it was put nowhere"),
        (PatchDelivered(branch="b", commit="c" * 40), "on branch b"),
        (PatchDelivered(branch="b", commit="c" * 40, applied=True), "on branch b and applied"),
        (PatchDelivered(branch=None, commit="", applied=True), "applied"),
    ],
)
def test_the_end_says_what_became_of_the_patch(delivered: PatchDelivered | None, said: str) -> None:
    judged = judge_verify(measured(delivered=delivered))
    assert judged.outcome is Outcome.VERIFIED
    assert judged.reason == f"nothing broken: 3 passed as before; {said}"
    broken = judge_verify(measured(verdict(broken=("t::a",))))
    assert broken.reason == "the change breaks 1 test; so it was put nowhere"
