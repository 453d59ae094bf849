"""What people ask of a task; every request is safe to make twice."""

from collections.abc import Callable

from agent.engine.errors import NotPossible
from agent.engine.store import Facts, TaskStore
from agent.protocol.control import (
    ApprovalResolved,
    CancelRequested,
    PauseRequested,
    PriorityChanged,
    ResumeRequested,
    RetryRequested,
    Steered,
)
from agent.protocol.errors import UsageError
from agent.protocol.event import Event, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Answer, Approval, ApprovalScope, Decision, Rule
from agent.protocol.state import TaskState

_PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)
_PRIORITIES = range(1001)
Grant = Callable[[Approval], tuple[Rule, ...]]


class Control:
    """Records requests; each returns the events it led to, none when nothing had to change.

    All raise NoSuchTask, NotPossible when the request makes no sense in the task's state, and
    StoreUnavailable. `by` names the front end and the user, e.g. `cli:ann`.
    """

    def __init__(self, store: TaskStore) -> None:
        self._store = store

    def cancel(self, task_id: str, *, by: str) -> list[Event]:
        """Stop for good; a task that nobody works on is finished at once."""

        def decide(state: TaskState, held: bool) -> Facts:
            if state.finished is not None and state.finished.outcome is Outcome.INTERRUPTED:
                return ()
            _must_be_open(state, "cancelled")
            request = () if state.cancelled else ((_key(state, "cancel"), CancelRequested(by=by)),)
            # Whoever holds the task ends its sandbox first and then records the end.
            return request if held else (*request, (state.step_key("finish"), _cancelled(state, by)))

        return self._store.decide(task_id, decide)

    def pause(self, task_id: str, *, by: str) -> list[Event]:
        """Stop until somebody resumes."""

        def decide(state: TaskState, _: bool) -> Facts:
            _must_be_open(state, "paused")
            _must_not_be_cancelled(state)
            return () if state.paused else ((_key(state, "pause"), PauseRequested(by=by)),)

        return self._store.decide(task_id, decide)

    def resume(self, task_id: str, *, by: str) -> list[Event]:
        """Go on after a pause."""

        def decide(state: TaskState, _: bool) -> Facts:
            _must_be_open(state, "resumed")
            _must_not_be_cancelled(state)
            return ((_key(state, "resume"), ResumeRequested(by=by)),) if state.paused else ()

        return self._store.decide(task_id, decide)

    def retry(self, task_id: str, *, by: str) -> list[Event]:
        """Begin a finished task again; one that was proven stays as it is."""

        def decide(state: TaskState, _: bool) -> Facts:
            if state.finished is None:
                raise NotPossible(
                    f"task {task_id} is not finished yet",
                    hint=f"`ratchet tasks cancel {task_id}` ends it, `resume` goes on after a pause",
                )
            if state.finished.outcome in _PROVEN:
                raise NotPossible(f"task {task_id} is proven already", hint="submit a new task instead")
            return ((_key(state, "retry"), RetryRequested(by=by)),)

        return self._store.decide(task_id, decide)

    def prioritize(self, task_id: str, priority: int, *, by: str) -> list[Event]:
        """Move a task in the queue, 0 to 1000, the lower number first; raises UsageError."""
        if priority not in _PRIORITIES:
            raise UsageError(f"{priority} is no priority", hint="give a number from 0 (first) to 1000")

        def decide(state: TaskState, _: bool) -> Facts:
            _must_be_open(state, "moved in the queue")
            same = state.priority == priority
            changed = PriorityChanged(priority=priority, by=by)
            return () if same else ((_key(state, "priority"), changed),)

        return self._store.decide(task_id, decide)

    def steer(self, task_id: str, text: str, *, by: str) -> list[Event]:
        """Tell the model at work something; its next turn begins with it. Raises UsageError."""
        if not text.strip():
            raise UsageError("there is nothing to say", hint="give a text")

        def decide(state: TaskState, _: bool) -> Facts:
            _must_be_open(state, "steered")
            _must_not_be_cancelled(state)
            if not (state.spec and state.spec.models):
                raise NotPossible(f"task {task_id} has no model to listen", hint="`ratchet do` has one")
            return ((_key(state, "steer"), Steered(text=text.strip(), by=by)),)

        return self._store.decide(task_id, decide)

    def resolve(
        self,
        task_id: str,
        approval_id: str | None,
        decision: Decision,
        *,
        by: str,
        reason: str = "",
        scope: ApprovalScope = ApprovalScope.ONCE,
        grant: Grant = lambda _: (),
    ) -> list[Event]:
        """Settle an approval for every front end; None means the only open one.

        The first answer stands: the same one again changes nothing, another one is NotPossible.
        `grant` says what a yes of this scope allows for the rest of the task; what it raises is raised.
        """
        if decision is Decision.DENY and scope is not ApprovalScope.ONCE:
            raise UsageError("a no ends the task, so it has no scope", hint="deny without a scope")
        if decision is Decision.ASK:
            raise UsageError("an approval is allowed or denied", hint="use `approve` or `deny`")

        def decide(state: TaskState, _: bool) -> Facts:
            wanted = approval_id or _only_open(state).id
            settled = [one for one in state.answers if one.approval_id == wanted]
            if settled:
                _must_agree(settled[0], decision)
                return ()
            _must_be_open(state, "answered")
            asked = next((one for one in state.open_approvals if one.id == wanted), None)
            if asked is None:
                raise NotPossible(f"task {task_id} has no approval {wanted!r}", hint=_SHOW)
            known = {"approval_id": wanted, "decision": decision, "by": by, "reason": reason}
            answer = Answer(**known, scope=scope, rules=grant(asked))
            return ((_key(state, "answer"), ApprovalResolved(answer=answer)),)

        return self._store.decide(task_id, decide)


_SHOW = "`ratchet tasks show` has what is open"


def _key(state: TaskState, name: str) -> str:
    return f"{name}:{state.seq + 1}"


def _must_be_open(state: TaskState, done: str) -> None:
    if state.finished is not None:
        raise NotPossible(
            f"task {state.task_id} is finished ({state.finished.outcome}) and cannot be {done}",
            hint="`ratchet tasks retry` begins it again",
        )


def _must_not_be_cancelled(state: TaskState) -> None:
    if state.cancelled:
        raise NotPossible(f"task {state.task_id} is being cancelled", hint="retry it once it has ended")


def _only_open(state: TaskState) -> Approval:
    match state.open_approvals:
        case (one,):
            return one
        case ():
            raise NotPossible(f"task {state.task_id} waits for no approval", hint=_SHOW)
        case several:
            ids = ", ".join(one.id for one in several)
            raise NotPossible(f"task {state.task_id} waits for several approvals", hint=f"name one of {ids}")


def _must_agree(settled: Answer, decision: Decision) -> None:
    if settled.decision is not decision:
        raise NotPossible(
            f"approval {settled.approval_id} was settled before: {settled.decision} by {settled.by}",
            hint="the first answer stands; cancel or retry the task to change course",
        )


def _cancelled(state: TaskState, by: str) -> TaskFinished:
    return TaskFinished(
        outcome=Outcome.INTERRUPTED,
        reason=f"cancelled by {by}",
        hint="`ratchet tasks retry` begins again",
        seconds=state.seconds,
    )
