"""The one JSON object a finished task is printed as; scripts rely on its fields."""

from agent.protocol.event import SandboxInForce
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.value import Value
from agent.protocol.verdict import Scope, Verdict


class Tokens(Value):
    """Model tokens spent."""

    input: int = 0
    output: int = 0


class Report(Value):
    """A task from outside; `patch` is a unified diff that `git apply` takes."""

    task_id: str
    outcome: Outcome
    base_commit: str
    tree: str
    branch: str | None
    patch: str | None
    files: tuple[str, ...]
    verdict: Verdict
    planner: str | None
    candidates: int
    candidates_per_second: float
    seconds: float
    model_calls: int
    tokens: Tokens
    cost_usd: float
    sandbox: SandboxInForce | None
    reason: str
    hint: str = ""
    log: str = ""
    applied: bool = False


def report(state: TaskState) -> Report:
    """Return the report of a finished task; raises ValueError before TaskFinished."""
    finished = state.finished
    if finished is None:
        raise ValueError("the task is not finished")
    patch = state.patch
    base_tree = state.snapshot.tree if state.snapshot else ""
    tree = patch.tree if patch else base_tree
    fixing = state.spec is not None and state.spec.kind == "fix"
    return Report(
        task_id=state.task_id,
        outcome=finished.outcome,
        base_commit=state.snapshot.commit if state.snapshot else "",
        tree=tree,
        branch=state.delivered.branch if state.delivered else None,
        patch=patch.diff if patch else None,
        files=patch.files if patch else (),
        verdict=state.verdict or Verdict(tree=tree, scope=Scope.TARGET),
        planner=state.spec.planner if state.spec and fixing else None,
        candidates=state.effort.candidates,
        candidates_per_second=round(state.effort.candidates_per_second, 1),
        seconds=round(finished.seconds, 3),
        model_calls=state.effort.model_calls,
        tokens=Tokens(input=state.effort.tokens_input, output=state.effort.tokens_output),
        cost_usd=state.effort.cost_usd,
        sandbox=state.sandbox,
        reason=finished.reason,
        hint=finished.hint,
        log=finished.log,
        applied=bool(state.delivered and state.delivered.applied),
    )
