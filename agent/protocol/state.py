"""The state of a task as a pure fold of its events; every view starts from here."""

from collections.abc import Iterable
from functools import reduce

from agent.protocol.check import Check, Run
from agent.protocol.control import (
    ApprovalRequested,
    ApprovalResolved,
    CancelRequested,
    GroupsSplit,
    PauseRequested,
    PriorityChanged,
    ResumeRequested,
    RetryRequested,
    Steered,
)
from agent.protocol.conversation import Plan, Turn
from agent.protocol.event import (
    BaselineMeasured,
    ChangeReviewed,
    EditsApplied,
    EditsRefused,
    Event,
    LocationsRanked,
    PatchDelivered,
    ProposalMade,
    QuestionAnswered,
    SandboxInForce,
    SnapshotTaken,
    TaskFinished,
    TaskSubmitted,
    TriggerAdmitted,
    TurnTaken,
    VerdictReached,
)
from agent.protocol.forge import Admission
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.policy import Action, Answer, Approval, Rule
from agent.protocol.proposal import Effort, Proposal, Suspect
from agent.protocol.round import Round
from agent.protocol.task import TaskSpec
from agent.protocol.value import Value
from agent.protocol.verdict import Verdict


class TaskState(Value):
    """Everything known about a task; None and empty mean "not yet"."""

    task_id: str = ""
    seq: int = 0
    spec: TaskSpec | None = None
    admission: Admission | None = None
    """Of a task from a forge."""
    snapshot: Snapshot | None = None
    head_tree: str | None = None
    rules: tuple[Rule, ...] = ()
    """The repository's and the organization's, beside those of the spec."""
    actions: tuple[Action, ...] = ()
    """What the policy has to allow before anything of the repository runs."""
    checks: tuple[Check, ...] = ()
    environment: str = ""
    sandbox: SandboxInForce | None = None
    baseline: tuple[Run, ...] | None = None
    suspects: tuple[Suspect, ...] | None = None
    proposals: int = 0
    proposal: Proposal | None = None
    exhausted: str = ""
    """Why the last planner gave up, when there is no further one."""
    stage: int = 0
    """How many planners gave up."""
    turns: tuple[Turn, ...] = ()
    """Of all models, in order."""
    stage_began: int = 0
    """How many turns had been taken when the planner at work began."""
    rounds: tuple[Round, ...] = ()
    """Every proposal so far."""
    plan: Plan | None = None
    steering: tuple[Steered, ...] = ()
    answer: QuestionAnswered | None = None
    review: ChangeReviewed | None = None
    timed_out: bool = False
    effort: Effort = Effort()
    """Spent by all proposals so far."""
    patch: Patch | None = None
    """Of the newest proposal that could be applied."""
    refusal: str = ""
    """Why the newest proposal could not be applied."""
    verdict: Verdict | None = None
    """Of the newest patch; None again as soon as another patch is made."""
    judged_at: int = 0
    """Seconds since the epoch at which the newest verdict was recorded."""
    delivered: PatchDelivered | None = None
    finished: TaskFinished | None = None
    attempt: int = 1
    """Counts the retries; steps of a later attempt have keys of their own."""
    seconds: float = 0.0
    """Spent by the steps of this attempt out of the time limit."""
    priority: int = 100
    children: tuple[str, ...] | None = None
    """Tasks for the other groups of failures; None before the failures were grouped."""
    cancelled: bool = False
    paused: bool = False
    approvals: tuple[Approval, ...] = ()
    answers: tuple[Answer, ...] = ()
    granted: tuple[Rule, ...] = ()
    """What people allowed for the rest of the task; kept when it is tried again."""

    @property
    def open_approvals(self) -> tuple[Approval, ...]:
        """Return the approvals nobody has settled yet."""
        settled = {answer.approval_id for answer in self.answers}
        return tuple(one for one in self.approvals if one.id not in settled)

    @property
    def best(self) -> Round | None:
        """Return the measured proposal with the best verdict, of equals the newest; None before any."""
        measured = [one for one in reversed(self.rounds) if one.verdict is not None and one.patch is not None]
        return max(measured, key=_standing, default=None)

    def step_key(self, name: str) -> str:
        """Return the key of a step in this attempt, e.g. `propose:2`, or `3/propose:2` after two retries."""
        return name if self.attempt == 1 else f"{self.attempt}/{name}"


def _standing(one: Round) -> tuple[int, ...]:
    return one.verdict.standing if one.verdict is not None else ()


def fold(events: Iterable[Event]) -> TaskState:
    """Return the state after all events, in order."""
    return reduce(advance, events, TaskState())


def advance(state: TaskState, event: Event) -> TaskState:
    """Return the state after one more event; an unknown event changes nothing but `seq`."""
    if isinstance(event.body, RetryRequested):
        kept = {"spec": state.spec, "priority": state.priority, "granted": state.granted}
        state = TaskState(attempt=state.attempt + 1, **kept)
    known = {"task_id": event.task_id, "seq": event.seq, "seconds": state.seconds + event.seconds}
    return state.model_copy(update={**known, **_change(state, event)})


def _change(state: TaskState, event: Event) -> dict[str, object]:
    match event.body:
        case TaskSubmitted(spec=spec):
            return {"spec": spec, "priority": spec.priority}
        case TriggerAdmitted(admission=admission, spec=spec):
            return {"admission": admission, "spec": spec}
        case SnapshotTaken() as body:
            return {name: getattr(body, name) for name in ("snapshot", "head_tree", "rules", "actions")}
        case BaselineMeasured() as body:
            return {
                "checks": body.checks,
                "environment": body.environment,
                "sandbox": body.sandbox,
                "baseline": body.runs,
            }
        case LocationsRanked(suspects=suspects):
            return {"suspects": suspects}
        case ProposalMade() | TurnTaken() as body:
            return _change_by_planners(state, body)
        case EditsApplied(patch=patch):
            return {"patch": patch, "verdict": None, **_noted(state, patch=patch)}
        case EditsRefused(reason=reason):
            return {"refusal": reason, **_noted(state, refusal=reason)}
        case VerdictReached(verdict=verdict):
            noted = _noted(state, verdict=verdict)
            return {"verdict": verdict, "judged_at": event.recorded_at, **noted}
        case PatchDelivered() as body:
            return {"delivered": body}
        case QuestionAnswered() as body:
            return {"answer": body}
        case ChangeReviewed() as body:
            return {"review": body}
        case TaskFinished() as body:
            return {"finished": body}
        case _:
            return _change_by_people(state, event)


def _change_by_people(state: TaskState, event: Event) -> dict[str, object]:
    match event.body:
        case CancelRequested():
            return {"cancelled": True}
        case PauseRequested():
            return {"paused": True}
        case ResumeRequested():
            return {"paused": False}
        case PriorityChanged(priority=priority):
            return {"priority": priority}
        case Steered() as body:
            return {"steering": (*state.steering, body)}
        case GroupsSplit(children=children):
            return {"children": children}
        case ApprovalRequested(approval=approval):
            return {"approvals": (*state.approvals, approval)}
        case ApprovalResolved(answer=answer) if answer.approval_id in {a.id for a in state.open_approvals}:
            return {"answers": (*state.answers, answer), "granted": (*state.granted, *answer.rules)}
        case _:
            return {}


def _change_by_planners(state: TaskState, body: ProposalMade | TurnTaken) -> dict[str, object]:
    match body:
        case TurnTaken(turn=turn):
            spent = {"turns": (*state.turns, turn), "effort": state.effort.plus(turn.effort)}
            return spent | ({"plan": turn.plan} if turn.plan is not None else {})
        case ProposalMade(exhausted="", proposal=proposal):
            fresh = {"proposal": proposal, "refusal": "", "patch": None, "verdict": None}
            begun = Round(stage=state.stage, turns=len(state.turns))
            return {**fresh, "rounds": (*state.rounds, begun), **_spent(state, body)}
        case _:
            # Giving up keeps the newest patch: the work so far is not lost.
            ended = {"exhausted": body.exhausted, "timed_out": body.timed_out}
            further = {"stage": state.stage + 1, "stage_began": len(state.turns)}
            return {**ended, **further, **_spent(state, body)}


def _noted(state: TaskState, **facts: object) -> dict[str, object]:
    """Add facts to the newest round; a task that only measures has none."""
    if not state.rounds:
        return {}
    return {"rounds": (*state.rounds[:-1], state.rounds[-1].model_copy(update=facts))}


def _spent(state: TaskState, body: ProposalMade) -> dict[str, object]:
    return {"proposals": state.proposals + 1, "effort": state.effort.plus(body.proposal.effort)}
