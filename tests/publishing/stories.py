"""Logs of tasks from a forge, in which one text stands wherever others may have put one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.protocol.check import Run, RunEnd, TestResult, TestStatus
from agent.protocol.control import ApprovalRequested, ApprovalResolved
from agent.protocol.conversation import Citation, Plan, PlanStep, Turn
from agent.protocol.event import (
    BaselineMeasured,
    Body,
    ChangeReviewed,
    EditsApplied,
    Event,
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
from agent.protocol.forge import Admission, Happened, Permission, PullRequest, Trigger, Verb
from agent.protocol.model import Role
from agent.protocol.outcome import Outcome
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.policy import Action, Answer, Approval, Decision, Rule, Subject
from agent.protocol.proposal import Effort, Proposal
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskKind, TaskSpec
from agent.publishing.effect import Effect, Result, Wanted
from agent.publishing.plan import next_effect
from tests.publishing.reports import HEAD, diff, evidence, findings, verdict

TASK = "20261122-101112-0a1b2c3d"
MIRROR = "/var/lib/ratchet/mirrors/github/acme/shop"
LATER = "c" * 40
DIFF = diff("src/tax.py", "one\ntwo\nthree\nfour\n", "one\n2\nthree\nfour\n")
FIX = diff("src/tax.py", "one\n2\nthree\nfour\n", "one\ntwo\nthree\nfour\n")
VERBS = {
    TaskKind.FIX: Verb.FIX,
    TaskKind.DO: Verb.DO,
    TaskKind.VERIFY: Verb.VERIFY,
    TaskKind.REVIEW: Verb.REVIEW,
    TaskKind.ASK: Verb.EXPLAIN,
    TaskKind.REPLY: Verb.HELP,
}
PLACES = ("issue", "label", "pull", "fork", "line", "pushed", "button", "run", "run of a pull", "side run")


@dataclass
class Seen:
    """What the forge has at a moment."""

    head: str = HEAD
    diff: str = DIFF
    said: tuple[str, ...] = ()
    followed: frozenset[str] = frozenset()
    branch: str = "main"
    known: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def secrets(self) -> frozenset[str]:
        """Return what no text may show."""
        return self.known

    def pull_head(self) -> str:
        """Return where the pull request stands."""
        self.asked.append("head")
        return self.head

    def pull_diff(self) -> str:
        """Return its diff."""
        self.asked.append("diff")
        return self.diff

    def reviews(self) -> tuple[str, ...]:
        """Return what our reviews say."""
        self.asked.append("reviews")
        return self.said

    def follows(self, commit: str) -> bool:
        """Say whether the head goes on from a commit."""
        return commit in self.followed

    def default_branch(self) -> str:
        """Return the name of the default branch."""
        self.asked.append("branch")
        return "main"

    def run_branch(self) -> str:
        """Return the branch of the run."""
        return self.branch


def trigger(kind: TaskKind, place: str, **known: object) -> Trigger:
    """Return what led to a task."""
    happened = {
        "label": Happened.LABEL,
        "line": Happened.REVIEW_COMMENT,
        "pushed": Happened.PULL,
        "button": Happened.BUTTON,
    }
    is_run = place.endswith("run") or place.startswith("run")
    comment = 99 if place in ("issue", "pull", "fork", "line") else None
    told = {
        "happened": Happened.RUN if is_run else happened.get(place, Happened.COMMENT),
        "verb": VERBS[kind],
        "repository": "acme/shop",
        "number": None if place in ("run", "side run") else 12,
        "actor": "ann",
        "comment": comment,
        "head": HEAD if is_run or place in ("pushed", "button") else None,
        "run": 5 if is_run else None,
    }
    return Trigger.model_validate({**told, **known})


def admission(place: str, text: str = "x", **known: object) -> Admission:
    """Return what the forge says about it."""
    no_pull = place in ("issue", "label", "run", "side run")
    pull = None if no_pull else _pull(text, fork=place == "fork")
    found = evidence(text) if "run" in place.split() else None
    told = {"permission": Permission.WRITE, "pull": pull, "fork": place == "fork", "evidence": found}
    return Admission.model_validate({**told, **known})


def _pull(text: str, *, fork: bool) -> PullRequest:
    return PullRequest(
        number=12,
        title=text,
        body=text,
        author="bob",
        open=True,
        head=HEAD,
        head_branch=text,
        head_repository="bob/shop" if fork else "acme/shop",
        base="b" * 40,
        base_branch=text,
    )


def spec(kind: TaskKind, place: str, text: str = "x", **known: object) -> TaskSpec:
    """Return the spec of an admitted task."""
    told = {"kind": kind, "repository": MIRROR, "goal": text, "tests": (text,)}
    return TaskSpec.model_validate({**told, "trigger": trigger(kind, place, **known)})


def events(bodies: Iterable[Body], task_id: str = TASK) -> tuple[Event, ...]:
    """Return bodies as the log of a task."""
    return tuple(
        Event(seq=seq, task_id=task_id, step_key=f"s{seq}", recorded_at=1_790_000_000 + seq, body=body)
        for seq, body in enumerate(bodies, 1)
    )


def story(
    kind: TaskKind,
    place: str,
    outcome: Outcome = Outcome.VERIFIED,
    text: str = "x",
    *,
    asks: bool = False,
    parent: str | None = None,
    **known: object,
) -> tuple[Event, ...]:
    """Return the whole log of a task that ended with an outcome."""
    told = spec(kind, place, text, **known).model_copy(update={"parent": parent})
    raw = told.model_copy(update={"repository": "github:acme/shop"})
    bodies: list[Body] = [
        TaskSubmitted(spec=raw),
        TriggerAdmitted(admission=admission(place, text), spec=told),
        SnapshotTaken(snapshot=Snapshot(head=HEAD, commit=HEAD, tree="a" * 40, dirty=False, branch=None)),
    ]
    bodies += _asked("permit", text) if asks else []
    bodies += _worked(kind, place, outcome, text)
    ended = TaskFinished(outcome=outcome, reason=text, hint=text, log=text, seconds=12.5)
    return events([*bodies, ended])


def _asked(name: str, text: str) -> list[Body]:
    action = Action(subject=Subject.COMMAND, value=text)
    rule = Rule(subject=Subject.COMMAND, pattern=text, decision=Decision.ASK)
    asked = Approval(id=name, actions=(action,), reason=text, detail=text, rules=(rule,))
    yes = Answer(approval_id=name, decision=Decision.ALLOW, by="tui:ann", reason=text)
    return [ApprovalRequested(approval=asked), ApprovalResolved(answer=yes)]


def _worked(kind: TaskKind, place: str, outcome: Outcome, text: str) -> list[Body]:
    match kind:
        case TaskKind.REPLY:
            return []
        case TaskKind.ASK:
            cited = Citation(path=text, line=3, fault=text)
            return [QuestionAnswered(text=text, citations=(cited,))] if outcome is Outcome.DONE else []
        case TaskKind.REVIEW:
            found = ChangeReviewed(findings=findings(text), summary=text)
            return [found] if outcome is Outcome.DONE else []
    judged = VerdictReached(verdict=verdict(text))
    if kind is TaskKind.VERIFY:
        return [_measured(text), judged]
    turn = Turn(
        role=Role.EDIT, model=text, text=text, plan=Plan(steps=(PlanStep(text=text),)), effort=Effort()
    )
    patch = Patch(base="a" * 40, tree="f" * 40, diff=FIX, files=("src/tax.py",))
    done: list[Body] = [
        _measured(text),
        TurnTaken(turn=turn),
        ProposalMade(proposal=Proposal(planner=text, edits=(), rationale=text)),
        EditsApplied(patch=patch),
        judged,
    ]
    kept = outcome in (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING) and place != "fork"
    return [*done, PatchDelivered(branch=f"ratchet/{TASK}", commit="d" * 40)] if kept else done


def _measured(text: str) -> BaselineMeasured:
    test = TestResult(id=text, status=TestStatus.FAILED, message=text)
    run = Run(check=text, end=RunEnd.COMPLETE, tests=(test,))
    box = SandboxInForce(kind=text, image=text, network=text, missing_limits=(text,))
    return BaselineMeasured(checks=(), environment="e", sandbox=box, runs=(run,))


def made_of(wanted: Wanted, text: str = "x") -> Result:
    """Return what the forge says of an effect that it made."""
    number = {"number": 13} if wanted.effect.kind == "open_pull" else {}
    return {"id": 7, "url": f"https://forge.example/acme/shop/{wanted.effect.kind}/7", **number, "note": text}


def shown(
    state: TaskState,
    look: Seen,
    made: dict[str, Result] | None = None,
    *,
    newest: bool = True,
    failing: Mapping[str, str] | None = None,
    most: int = 100,
) -> list[Wanted]:
    """Make what a task wants until it wants nothing more, `most` effects at most; fills `made`."""
    made, found = {} if made is None else made, list[Wanted]()
    while len(found) < most:
        wanted = next_effect(state.task_id, state, made, newest=newest, look=look)
        if wanted is None:
            return found
        assert wanted.name not in made
        why = (failing or {}).get(wanted.effect.kind)
        made[wanted.name] = {"failed": why} if why is not None else made_of(wanted)
        found.append(wanted)
    return found


def effects(found: Iterable[Wanted]) -> dict[str, Effect]:
    """Return effects by their names."""
    return {one.name: one.effect for one in found}


def ended(
    kind: TaskKind, place: str, outcome: Outcome = Outcome.VERIFIED, text: str = "x", **known: Any
) -> TaskState:
    """Return the state at the end of a story."""
    return fold(story(kind, place, outcome, text, **known))


def seen_from(place: str, **known: Any) -> Seen:
    """Return what the forge has where a task of that place looks."""
    return Seen(**{"branch": "topic" if place == "side run" else "main", **known})
