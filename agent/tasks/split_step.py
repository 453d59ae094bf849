"""The step that makes a task of its own of each further group of failures."""

from agent.engine.story import Hold
from agent.protocol.control import ApprovalRequested, ApprovalResolved, GroupsSplit
from agent.protocol.event import BaselineMeasured, Body, SnapshotTaken, TriggerAdmitted
from agent.protocol.state import TaskState
from agent.protocol.task import TaskSpec
from agent.tasks.context import Context
from agent.tasks.judgement import failing, groups
from agent.tasks.next_step import StepKind
from agent.tasks.questions import START


def split(state: TaskState, context: Context) -> GroupsSplit:
    """Create one task for each group of failures but the first, which stays with this task."""
    further = groups(failing(state.baseline or ()))[1:]
    names = [tuple(test.id for test in group) for group in further]
    return GroupsSplit(
        children=tuple(_child(state, tests, number, context.hold) for number, tests in enumerate(names, 2))
    )


def _child(state: TaskState, tests: tuple[str, ...], number: int, hold: Hold) -> str:
    assert state.spec is not None
    # The same id each time: a step that is run again finds the tasks it made before.
    attempt = f"-{state.attempt}" if state.attempt > 1 else ""
    spec = _spec(state, tests, number)
    created = hold.split(spec, f"{state.task_id}{attempt}-{number}", _facts(state, spec))
    return created.task_id


def _spec(state: TaskState, tests: tuple[str, ...], number: int) -> TaskSpec:
    assert state.spec is not None
    branch = f"{state.spec.branch}-{number}" if state.spec.branch else None
    changed = {"tests": tests, "parent": state.task_id, "priority": state.priority, "branch": branch}
    return state.spec.model_copy(update=changed)


def _facts(state: TaskState, spec: TaskSpec) -> list[tuple[str, Body]]:
    """Return what was found out and allowed a moment ago: it holds for every group."""
    assert state.snapshot is not None and state.sandbox is not None and state.baseline is not None
    taken = SnapshotTaken(snapshot=state.snapshot, rules=state.rules, actions=state.actions)
    facts: list[tuple[str, Body]] = [(StepKind.SNAPSHOT, taken)]
    if state.admission is not None:
        facts.insert(0, (StepKind.ADMIT, TriggerAdmitted(admission=state.admission, spec=spec)))
    for approval in state.approvals:
        facts.append((START, ApprovalRequested(approval=approval.model_copy(update={"id": START}))))
    for answer in state.answers:
        known = answer.model_copy(update={"approval_id": START})
        facts.append((f"{START}:answer", ApprovalResolved(answer=known)))
    measured = BaselineMeasured(
        checks=state.checks, environment=state.environment, sandbox=state.sandbox, runs=state.baseline
    )
    return [*facts, (StepKind.REPRODUCE, measured)]
