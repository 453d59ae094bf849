"""Which task wrote a line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.patches.line_diff import common_runs
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from lsp.facts.hunks import Hunk, bare, find

_AROUND = 300
"""Lines around where a hunk was made in which one that was edited since is looked for."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A task that wrote lines, and what speaks for them."""

    task: str
    kind: TaskKind
    outcome: Outcome | None
    goal: str
    tests: tuple[str, ...]
    """Those that its change fixed."""
    cost_usd: float
    models: tuple[str, ...]
    hunks: Mapping[str, tuple[Hunk, ...]]


def origins(states: Sequence[TaskState], hunks: Mapping[str, Mapping[str, tuple[Hunk, ...]]]) -> list[Origin]:
    """Return the tasks with a patch that may have found its way to the user, in their order.

    `hunks` are those of the tasks' patches, by task.
    """
    made = (state for state in states if state.spec is not None and state.spec.kind is not TaskKind.VERIFY)
    return [
        _origin(state, hunks.get(state.task_id, {}))
        for state in made
        if state.finished is not None and state.patch is not None
    ]


def written(hunks: Sequence[Hunk], lines: Sequence[str]) -> set[int]:
    """Return the lines of a text, from 1, that hunks added and that are still there."""
    texts = bare(lines)
    found: set[int] = set()
    for hunk in hunks:
        found.update(_written(hunk, texts))
    return found


def _written(hunk: Hunk, texts: list[str]) -> Iterable[int]:
    added = hunk.added
    if not added:
        return ()
    place = find(hunk.new, texts, hunk.new_start)
    if place is not None:
        return (place + one + 1 for one in added)
    return _partly(hunk, texts)


def _partly(hunk: Hunk, texts: list[str]) -> Iterable[int]:
    """Find what is left of a hunk that was edited; less than half of it could be anybody's."""
    low = max(0, hunk.new_start - _AROUND)
    window = texts[low : hunk.new_start + len(hunk.new) + _AROUND]
    new = bare(hunk.new)
    runs = common_runs(new, window)
    if 2 * sum(run.length for run in runs) < len(new):
        return ()
    added = set(hunk.added)
    return (
        low + run.second + far + 1
        for run in runs
        for far in range(run.length)
        if run.first + far in added and new[run.first + far].strip()
    )


def _origin(state: TaskState, hunks: Mapping[str, tuple[Hunk, ...]]) -> Origin:
    assert state.spec is not None and state.finished is not None
    return Origin(
        task=state.task_id,
        kind=state.spec.kind,
        outcome=state.finished.outcome,
        goal=state.spec.goal,
        tests=state.verdict.fixed if state.verdict is not None else (),
        cost_usd=state.effort.cost_usd,
        models=tuple(dict.fromkeys(turn.model for turn in state.turns)),
        hunks=hunks,
    )
