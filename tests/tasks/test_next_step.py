"""The whole story of a task, walked without performing anything."""

from agent.protocol.check import Check, CheckKind, Location, Run, RunEnd, TestResult, TestStatus
from agent.protocol.edit import Create
from agent.protocol.event import (
    Body,
    EditsRefused,
    Event,
    PatchDelivered,
    ProposalMade,
    SandboxInForce,
    TaskFinished,
)
from agent.protocol.outcome import Outcome
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.policy import Action, Answer, Approval, Decision, Rule, Subject
from agent.protocol.proposal import Proposal
from agent.protocol.round import Round
from agent.protocol.state import TaskState, advance
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Scope, Verdict
from agent.tasks.next_step import Step, StepKind, next_step
from agent.tasks.propose_step import propose
from agent.tasks.stages import MAX_REFUSALS

FAILED = TestResult(
    id="tests/test_a.py::test_x", status=TestStatus.FAILED, trace=(Location(path="a.py", line=3),)
)
PROPOSAL = Proposal(planner="search", edits=(Create(path="a.py", content=b""),), rationale="because")
PATCH = Patch(base="b" * 40, tree="c" * 40, diff="", files=("a.py",))
SPEC = TaskSpec(kind=TaskKind.FIX, repository="/r", tests=("tests/test_a.py",))
RUN = Action(subject=Subject.COMMAND, value="make test")
CI = ".github/workflows/ci.yml"
ASK_COMMANDS = Rule(subject=Subject.COMMAND, pattern="*", decision=Decision.ASK)
FINISH = Step(kind=StepKind.FINISH)


def state(**known: object) -> TaskState:
    facts = {
        "spec": SPEC,
        "snapshot": Snapshot(head="a" * 40, commit="a" * 40, tree="b" * 40),
        "checks": (Check(name="pytest", kind=CheckKind.PYTEST),),
        "sandbox": SandboxInForce(kind="docker", image=""),
        "baseline": (Run(check="pytest", end=RunEnd.COMPLETE, tests=(FAILED,)),),
    }
    return TaskState(**{**facts, **known})


def searched(**known: object) -> TaskState:
    return state(**{"suspects": (), "proposal": PROPOSAL, "proposals": 1, **known})


def verdict(**known: object) -> Verdict:
    return Verdict(**{"tree": PATCH.tree, "scope": Scope.FULL, **known})


def test_a_new_task_takes_its_snapshot_and_then_measures_the_base() -> None:
    assert next_step(TaskState(spec=SPEC)) == Step(kind=StepKind.SNAPSHOT)
    assert next_step(state(baseline=None)) == Step(kind=StepKind.REPRODUCE)


def test_a_base_on_which_nothing_fails_ends_the_task() -> None:
    passed = FAILED.model_copy(update={"status": TestStatus.PASSED})
    baseline = (Run(check="pytest", end=RunEnd.COMPLETE, tests=(passed,)),)
    assert next_step(state(baseline=baseline)) == Step(kind=StepKind.FINISH)


def test_a_base_that_cannot_be_measured_ends_the_task() -> None:
    baseline = (Run(check="pytest", end=RunEnd.COLLECTION_ERROR),)
    assert next_step(state(baseline=baseline)) == Step(kind=StepKind.FINISH)


def test_a_failure_is_localized_before_anything_is_proposed() -> None:
    assert next_step(state()) == Step(kind=StepKind.LOCALIZE)
    assert next_step(state(suspects=())) == Step(kind=StepKind.PROPOSE, round=1)


def test_a_proposal_is_applied_and_then_verified() -> None:
    assert next_step(searched()) == Step(kind=StepKind.APPLY, round=1)
    assert next_step(searched(patch=PATCH)) == Step(kind=StepKind.VERIFY, round=1)


def test_only_a_full_verdict_that_fixes_the_target_and_breaks_nothing_is_delivered() -> None:
    proven = verdict(fixed=(FAILED.id,))
    assert next_step(searched(patch=PATCH, verdict=proven)) == Step(kind=StepKind.DELIVER)
    for worse in (
        {"fixed": ()},
        {"scope": Scope.IMPACTED},
        {"broken": ("t",)},
        {"vanished": ("t",)},
        {"not_run": ("t",)},
        {"test_control": ("conftest.py",)},
    ):
        refused = searched(patch=PATCH, verdict=proven.model_copy(update=worse))
        assert next_step(refused) == Step(kind=StepKind.PROPOSE, round=2), worse


def test_a_refused_edit_goes_back_to_the_planner() -> None:
    assert next_step(searched(refusal="no match")) == Step(kind=StepKind.PROPOSE, round=2)


def recorded(before: TaskState, body: Body) -> TaskState:
    event = Event(seq=before.seq + 1, task_id="t", step_key=str(before.seq + 1), recorded_at=1, body=body)
    return advance(before, event)


def test_refusals_are_bounded() -> None:
    refused = searched(refusal="no match", rounds=(Round(stage=0, refusal="no match"),) * MAX_REFUSALS)
    given_up = propose(refused, None)
    assert given_up.exhausted == "every proposal was refused"
    assert next_step(recorded(refused, given_up)) == FINISH


def test_a_proposal_that_is_refused_counts_against_the_planner_that_made_it() -> None:
    made = ProposalMade(proposal=PROPOSAL)
    task = state(suspects=())
    for _ in range(MAX_REFUSALS):
        assert next_step(task).kind is StepKind.PROPOSE
        task = recorded(recorded(task, made), EditsRefused(reason="no match"))
    assert propose(task, None).exhausted


def test_a_planner_that_gave_up_ends_the_task() -> None:
    nothing = PROPOSAL.model_copy(update={"edits": ()})
    given_up = recorded(state(suspects=()), ProposalMade(proposal=nothing, exhausted="nothing left"))
    assert next_step(given_up) == FINISH


def test_a_delivered_patch_ends_the_task() -> None:
    delivered = PatchDelivered(branch="ratchet/x", commit="d" * 40)
    assert next_step(searched(patch=PATCH, delivered=delivered)) == Step(kind=StepKind.FINISH)


def test_failures_are_split_into_groups_before_anything_is_searched_when_no_test_was_named() -> None:
    unnamed = SPEC.model_copy(update={"tests": ()})
    assert next_step(state(spec=unnamed)) == Step(kind=StepKind.SPLIT)
    assert next_step(state(spec=unnamed, children=())) == Step(kind=StepKind.LOCALIZE)
    child = unnamed.model_copy(update={"parent": "t0"})
    assert next_step(state(spec=child)) == Step(kind=StepKind.LOCALIZE)


def test_a_cancelled_task_ends_wherever_it_is() -> None:
    assert next_step(TaskState(spec=SPEC, cancelled=True)) == FINISH
    assert next_step(searched(patch=PATCH, cancelled=True, paused=True)) == FINISH
    asked = Approval(id="permit", actions=(RUN,), reason="because")
    assert next_step(state(baseline=None, approvals=(asked,), cancelled=True)) == FINISH


def test_a_paused_task_waits_and_a_finished_one_is_over() -> None:
    assert next_step(state(paused=True)) is None
    done = TaskFinished(outcome=Outcome.INTERRUPTED, reason="cancelled")
    assert next_step(state(finished=done, cancelled=True)) is None


def asked(**known: object) -> TaskState:
    spec = SPEC.model_copy(update={"policy": (ASK_COMMANDS,), "attended": True})
    return state(**{"spec": spec, "baseline": None, "actions": (RUN,), **known})


def test_what_the_policy_asks_about_is_settled_before_anything_runs() -> None:
    question = Approval(id="permit", actions=(RUN,), reason="because")
    yes = Answer(approval_id="permit", decision=Decision.ALLOW, by="cli:ann")
    assert next_step(asked()) == Step(kind=StepKind.PERMIT)
    assert next_step(asked(approvals=(question,))) is None
    assert next_step(asked(approvals=(question,), answers=(yes,))) == Step(kind=StepKind.REPRODUCE)
    no = yes.model_copy(update={"decision": Decision.DENY})
    assert next_step(asked(approvals=(question,), answers=(no,))) == FINISH


def test_an_answer_from_before_a_retry_allows_nothing() -> None:
    question = Approval(id="permit", actions=(RUN,), reason="because")
    yes = Answer(approval_id="permit", decision=Decision.ALLOW, by="cli:ann")
    again = asked(attempt=2, approvals=(question,), answers=(yes,))
    assert next_step(again) == Step(kind=StepKind.PERMIT)


def test_an_answer_about_something_else_allows_nothing() -> None:
    other = Approval(id="permit", actions=(RUN.model_copy(update={"value": "ls"}),), reason="because")
    yes = Answer(approval_id="permit", decision=Decision.ALLOW, by="cli:ann")
    assert next_step(asked(approvals=(other,), answers=(yes,))) == Step(kind=StepKind.PERMIT)


def test_a_patch_of_a_protected_file_passes_the_gate_before_it_is_delivered() -> None:
    patch = PATCH.model_copy(update={"files": ("a.py", CI)})
    proven = searched(patch=patch, verdict=verdict(fixed=(FAILED.id,)))
    assert next_step(proven) == Step(kind=StepKind.GATE, round=1)
    about = (Action(subject=Subject.PATH, value=CI),)
    question = Approval(id="gate:1", actions=about, reason="because")
    yes = Answer(approval_id="gate:1", decision=Decision.ALLOW, by="tui:ann")
    allowed = proven.model_copy(update={"approvals": (question,), "answers": (yes,)})
    assert next_step(allowed) == Step(kind=StepKind.DELIVER)
    another = allowed.model_copy(update={"proposals": 2})
    assert next_step(another) == Step(kind=StepKind.GATE, round=2)


def test_a_finished_task_has_no_next_step() -> None:
    assert next_step(state(finished=TaskFinished(outcome=Outcome.VERIFIED, reason="done"))) is None


def test_a_verify_task_measures_its_change_and_ends() -> None:
    spec = SPEC.model_copy(update={"kind": TaskKind.VERIFY})
    assert next_step(state(spec=spec)) == Step(kind=StepKind.VERIFY)
    assert next_step(state(spec=spec, verdict=verdict())) == Step(kind=StepKind.FINISH)


def test_step_keys_are_unique_per_round() -> None:
    assert Step(kind=StepKind.PROPOSE, round=2).key == "propose:2"
    assert Step(kind=StepKind.SNAPSHOT).key == "snapshot"
