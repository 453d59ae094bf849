"""Where a job of a run is written, through workflows of the same repository that call each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.protocol.value import Value
from agent.verify.workflows.document import BadWorkflow, Plain
from agent.verify.workflows.expressions import Scope, Unknown, fill
from agent.verify.workflows.job_names import Chosen, find_job
from agent.verify.workflows.known import RunFacts, scope_of
from agent.verify.workflows.workflow import Workflow, WorkflowJob, read_workflow

_DEEPEST = 4
_HERE = "./"
_FRAME = ("Set up job", "Complete job", "Initialize containers", "Stop containers")
_AROUND = ("Pre ", "Post ")


@dataclass(frozen=True, slots=True)
class Located:
    """A job, the workflow file that has its steps, and what is known there."""

    path: str
    workflow: Workflow
    chosen: Chosen
    scope: Scope


class StepDone(Value):
    """A step as a run did it; the name is outside text."""

    name: str
    conclusion: str = ""

    @property
    def failed(self) -> bool:
        """Say whether the job ended by it."""
        return self.conclusion in ("failure", "timed_out")


def locate(path: str, name: str, facts: RunFacts, read: Callable[[str], bytes | None]) -> Located:
    """Return where the job is that a run calls `name`; raises BadWorkflow."""
    return _locate(path, name, facts, read, None, 0)


def _locate(
    path: str,
    name: str,
    facts: RunFacts,
    read: Callable[[str], bytes | None],
    inputs: Mapping[str, Plain] | None,
    depth: int,
) -> Located:
    data = read(path)
    if data is None:
        raise BadWorkflow("the workflow file is not in the commit that it ran on")
    workflow = read_workflow(data)
    scope = scope_of(facts, None if inputs is None else {**workflow.inputs, **inputs})
    chosen = find_job(workflow, name, scope)
    if chosen is not None and not chosen.job.calls:
        return Located(path, workflow, chosen, scope)
    pieces = name.split(" / ")
    for cut in range(1, len(pieces)):
        caller = find_job(workflow, " / ".join(pieces[:cut]), scope)
        if caller is None or not caller.job.calls.startswith(_HERE) or depth >= _DEEPEST:
            continue
        given = _given(caller, scope)
        return _locate(
            caller.job.calls[len(_HERE) :], " / ".join(pieces[cut:]), facts, read, given, depth + 1
        )
    raise BadWorkflow("the workflow file has no job of the name that failed")


def _given(caller: Chosen, scope: Scope) -> dict[str, Plain]:
    inner = scope.with_context("matrix", caller.matrix)
    given: dict[str, Plain] = {}
    for key, text in caller.job.inputs.items():
        try:
            given[key] = fill(text, inner)
        except Unknown:
            continue
    return given


def align(job: WorkflowJob, done: Sequence[StepDone], scope: Scope) -> tuple[str, ...] | None:
    """Return how each step of a file ended, "" for one that did not run; None when they do not fit."""
    own = [one for one in done if one.name not in _FRAME and not one.name.startswith(_AROUND)]
    if len(own) == len(job.steps):
        return tuple(one.conclusion for one in own)
    return _by_name(job, done, scope)


def _by_name(job: WorkflowJob, done: Sequence[StepDone], scope: Scope) -> tuple[str, ...] | None:
    found: list[str] = []
    at = 0
    for step in job.steps:
        try:
            title = fill(step.title, scope)
        except Unknown:
            title = step.title
        place = next((n for n in range(at, len(done)) if done[n].name == title), None)
        found.append("" if place is None else done[place].conclusion)
        at = at if place is None else place + 1
    failed = sum(1 for one in done if one.failed)
    return tuple(found) if sum(1 for one in found if one in ("failure", "timed_out")) == failed else None
