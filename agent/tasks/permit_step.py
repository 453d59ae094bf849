"""The steps in which a person is asked, or the policy answers for everybody."""

from agent.protocol.control import ApprovalRequested
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Decision
from agent.protocol.state import TaskState
from agent.tasks.context import Context
from agent.tasks.questions import DELIVERY, START, approval, described, in_question


def ask_to_start(state: TaskState, context: Context) -> ApprovalRequested | TaskFinished:
    """Ask before anything of the repository runs."""
    return _ask(state, START)


def ask_to_deliver(state: TaskState, context: Context) -> ApprovalRequested | TaskFinished:
    """Ask before a proven patch goes anywhere."""
    return _ask(state, DELIVERY)


def _ask(state: TaskState, moment: str) -> ApprovalRequested | TaskFinished:
    assert state.spec is not None
    questions = in_question(state, moment)
    denied = tuple(action for action, decision in questions.items() if decision is Decision.DENY)
    if denied:
        return _denied(f"the policy denies {described(denied)}", state)
    if not state.spec.attended:
        reason = f"the policy asks before {described(tuple(questions))}, and nobody is there to answer"
        return _denied(reason, state)
    return ApprovalRequested(approval=approval(state, moment))


def _denied(reason: str, state: TaskState) -> TaskFinished:
    kept = "the patch is in the report, on no branch; " if state.patch else ""
    return TaskFinished(
        outcome=Outcome.DENIED,
        reason=reason,
        hint=f"{kept}allow it under [policy] in your config.toml",
        seconds=state.seconds,
    )
