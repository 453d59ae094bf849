"""Whatever is recorded of a task is told in its transcript."""

import typing

import pytest

from agent.protocol import control
from agent.protocol.conversation import Citation, Finding, Plan, PlanStep, StepStatus, ToolUse, Turn
from agent.protocol.event import (
    Body,
    ChangeReviewed,
    EditsRefused,
    Event,
    PatchDelivered,
    ProposalMade,
    QuestionAnswered,
    SnapshotTaken,
    TaskSubmitted,
    TriggerAdmitted,
    TurnTaken,
    UnknownEvent,
)
from agent.protocol.forge import Admission, Happened, Permission, PullRequest, Trigger, Verb
from agent.protocol.model import Role
from agent.protocol.outcome import Outcome
from agent.protocol.patch import Snapshot
from agent.protocol.policy import Action, Answer, Approval, Decision, Subject
from agent.protocol.proposal import Effort, Proposal, Suspect
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Failure
from tests.lsp import history
from tui.panes.work.story import Story
from tui.widgets.entry import Entry, Tone


def told(*bodies: Body | UnknownEvent) -> list[Entry]:
    story = Story()
    events = [
        Event(seq=seq, task_id="t", step_key=str(seq), recorded_at=0, body=body)
        for seq, body in enumerate(bodies, 1)
    ]
    return [entry for event in events for entry in story.read(event)]


def one(body: Body | UnknownEvent) -> Entry:
    (entry,) = told(body)
    return entry


ASKED = Approval(
    id="1", actions=(Action(subject=Subject.COMMAND, value="make"),), reason="it runs make", detail="make -j"
)
TRIGGER = Trigger(happened=Happened.COMMENT, verb=Verb.FIX, repository="acme/shop", number=12, actor="ann")
PULL = PullRequest(
    number=12,
    title="Add tax",
    author="bob",
    open=True,
    head="a" * 40,
    head_branch="tax",
    head_repository="bob/shop",
    base="b" * 40,
    base_branch="main",
)
BODIES: list[Body | UnknownEvent] = [
    TaskSubmitted(spec=history.spec(TaskKind.DO, goal="add a thing\nwith two lines")),
    TriggerAdmitted(
        admission=Admission(permission=Permission.WRITE, pull=PULL, fork=True),
        spec=history.spec(TaskKind.FIX).model_copy(update={"trigger": TRIGGER}),
    ),
    SnapshotTaken(
        snapshot=Snapshot(head="a" * 40, commit="b" * 40, tree="c" * 40, dirty=True, branch="main")
    ),
    history.measured(history.failed("test_a", history.at("a.py", 1)), history.passed("test_b"))[1],
    history.ranked(Suspect(path="a.py", line=3, score=0.5))[1],
    ProposalMade(proposal=Proposal(planner="search", edits=(), rationale="swap")),
    TurnTaken(turn=Turn(role=Role.EDIT, model="small", text="hello")),
    history.patched("--- a\n+++ b\n-x\n+y\n+z\n", "a.py")[1][1],
    EditsRefused(reason="no such text", hint="read it again"),
    history.verdict(fixed=("test_a",), passed=1)[1],
    PatchDelivered(branch="ratchet/t", commit="e" * 40, applied=True),
    QuestionAnswered(text="**because**", citations=(Citation(path="a.py", line=3),)),
    ChangeReviewed(findings=(Finding(path="a.py", line=3, title="off by one", body=""),), summary="fine"),
    history.finished()[1],
    control.CancelRequested(by="tui:ann"),
    control.PauseRequested(by="tui:ann"),
    control.ResumeRequested(by="tui:ann"),
    control.RetryRequested(by="tui:ann"),
    control.PriorityChanged(by="tui:ann", priority=5),
    control.ApprovalRequested(approval=ASKED),
    control.ApprovalResolved(
        answer=Answer(approval_id="1", decision=Decision.DENY, by="cli:bo", reason="no")
    ),
    control.GroupsSplit(children=("t2", "t3")),
    control.Steered(text="not there", by="tui:ann"),
    UnknownEvent(type="Later", data={}),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body.type))
def test_every_event_has_an_entry_with_a_sign_and_a_title(body: Body) -> None:
    entry = one(body)
    assert entry.title.strip() and len(entry.sign) == 1


def test_no_kind_of_event_is_left_out() -> None:
    assert {type(body) for body in BODIES} == {*typing.get_args(Body), UnknownEvent}


def test_a_task_from_a_forge_says_where_it_came_from_who_asked_and_what_it_is_about() -> None:
    spec = history.spec(TaskKind.FIX).model_copy(update={"trigger": TRIGGER, "front_end": "bot"})
    assert one(TaskSubmitted(spec=spec)).note.startswith("bot · acme/shop#12 (comment by ann)")
    seen = one(BODIES[1])
    assert seen.note == "ann has write access" and "pull request 12 of a fork" in seen.body
    refused = Admission(permission=Permission.READ, refused="This takes somebody who may write.")
    assert one(TriggerAdmitted(admission=refused, spec=spec)).title.startswith("not admitted: This takes")


def test_a_turn_tells_its_words_its_tools_and_its_plan_in_order() -> None:
    plan = Plan(steps=(PlanStep(text="look", status=StepStatus.DONE), PlanStep(text="mend")))
    uses = (
        ToolUse(
            id="1", name="read_file", arguments='{"path": "a.py", "start": 3}', result="text", seconds=0.5
        ),
        ToolUse(id="2", name="run", arguments="{broken", result="no such tool", refused=True),
    )
    spent = Effort(tokens_input=12_345, tokens_output=600, cost_usd=0.004)
    turn = Turn(role=Role.EDIT, model="small", text="I look.", uses=uses, plan=plan, effort=spent)
    says, read, run, steps = told(TurnTaken(turn=turn))
    assert (says.title, says.body, says.note) == (
        "small · edit · turn 1",
        "I look.",
        "12.3k in 600 out · $0.0040",
    )
    assert (read.title, read.note, read.folded) == ("read_file a.py 3", "0.5 s", True)
    assert read.body == "path: a.py\nstart: 3\n\ntext"
    assert (run.title, run.sign, run.tone) == ("run {broken", "✗", Tone.BAD) and "refused" in run.note
    assert steps.title == "plan: 1 of 2 steps done" and "○ pending mend" in steps.body


def test_a_model_that_fails_is_told_with_the_reason() -> None:
    turn = Turn(
        role=Role.EDIT, model="small", fault="rate-limit", reason="too many", flags=("a secret was cut",)
    )
    _, failed, flagged = told(TurnTaken(turn=turn))
    assert "rate-limit" in failed.title and failed.body == "too many" and "secret" in flagged.body


def test_a_verdict_that_finds_harm_says_which_tests_and_why() -> None:
    failure = Failure(test="test_b", message="KeyError: 'x'")
    entry = one(history.verdict(broken=("test_b",), notes=("a check is opaque",), failures=(failure,))[1])
    assert entry.tone is Tone.BAD and entry.sign == "✗" and "1 broken" in entry.title
    assert entry.body.splitlines() == ["broken: test_b  KeyError: 'x'", "note: a check is opaque"]


def test_turns_and_proposals_are_counted_anew_after_a_retry() -> None:
    turn = TurnTaken(turn=Turn(role=Role.EDIT, model="small"))
    told_of = told(turn, turn, control.RetryRequested(by="ann"), turn)
    assert [entry.title for entry in told_of if entry.tone is Tone.VOICE] == [
        "small · edit · turn 1",
        "small · edit · turn 2",
        "begun again by ann",
        "small · edit · turn 1",
    ]


def test_an_end_says_what_to_do_now() -> None:
    ended = history.finished(Outcome.NO_PLANNER)[1].model_copy(
        update={"hint": "add a model", "log": "/x.log"}
    )
    entry = one(ended)
    assert entry.title == "no planner" and entry.sign == "!"
    assert entry.body.splitlines() == ["proven", "→ add a model", "log: /x.log"]
