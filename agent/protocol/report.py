"""The one JSON object a finished task is printed as; scripts rely on its fields."""

from collections.abc import Mapping

from agent.protocol.conversation import Citation, Finding
from agent.protocol.event import SandboxInForce
from agent.protocol.outcome import Outcome
from agent.protocol.patch import Patch
from agent.protocol.proposal import Effort
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
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
    answer: str = ""
    """Of `ask`; of `review` its summary."""
    citations: tuple[Citation, ...] = ()
    findings: tuple[Finding, ...] = ()
    by_model: Mapping[str, Effort] = {}
    """What each model was asked for, under the name of its profile."""


def report(state: TaskState) -> Report:
    """Return the report of a finished task; raises ValueError before TaskFinished."""
    finished = state.finished
    if finished is None:
        raise ValueError("the task is not finished")
    patch, verdict = shown(state)
    base_tree = state.snapshot.tree if state.snapshot else ""
    # What a verify judged without a patch of its own is the head.
    tree = patch.tree if patch else state.head_tree or base_tree
    return Report(
        task_id=state.task_id,
        outcome=finished.outcome,
        base_commit=state.snapshot.commit if state.snapshot else "",
        tree=tree,
        branch=state.delivered.branch if state.delivered else None,
        patch=patch.diff if patch else None,
        files=patch.files if patch else (),
        verdict=verdict or Verdict(tree=tree, scope=Scope.TARGET),
        planner=_planner(state),
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
        answer=_answer(state),
        citations=state.answer.citations if state.answer else (),
        findings=state.review.findings if state.review else (),
        by_model=_by_model(state),
    )


def shown(state: TaskState) -> tuple[Patch | None, Verdict | None]:
    """Return what was delivered, or else the best that was found."""
    if state.delivered is not None or state.best is None:
        return state.patch, state.verdict
    return state.best.patch, state.best.verdict


def _planner(state: TaskState) -> str | None:
    """Return who made the newest proposal, or was to make the first."""
    spec = state.spec
    if spec is None or spec.kind not in (TaskKind.FIX, TaskKind.DO):
        return None
    return state.proposal.planner if state.proposal else (*spec.stages, spec.planner)[0]


def _answer(state: TaskState) -> str:
    if state.answer is not None:
        return state.answer.text
    return state.review.summary if state.review else ""


def _by_model(state: TaskState) -> dict[str, Effort]:
    found: dict[str, Effort] = {}
    for turn in state.turns:
        found[turn.model] = found.get(turn.model, Effort()).plus(turn.effort)
    return found
