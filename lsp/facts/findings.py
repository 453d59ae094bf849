"""What a review holds against a change: what it proved line by line, the rest folded into one line a file."""

from collections.abc import Sequence

from agent.protocol.check import Location
from agent.protocol.conversation import Finding
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from lsp.facts.checkout import is_of_checkout
from lsp.facts.fact import Fact, Level, Related
from lsp.facts.words import LONGEST, counted, some
from lsp.names import Code
from lsp.showing.plain import one_line

_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING}


def findings(states: Sequence[TaskState]) -> list[Fact]:
    """Return the findings of the newest review of the working tree; the newest task comes first."""
    for state in states:
        reviewed = state.spec is not None and state.spec.kind is TaskKind.REVIEW and is_of_checkout(state)
        if reviewed and state.review is not None:
            found = state.review.findings
            proven = [_proven(state.task_id, one) for one in found if one.proven]
            return proven + _folded(state.task_id, [one for one in found if not one.proven])
    return []


def _proven(task: str, one: Finding) -> Fact:
    return Fact(
        code=Code.FINDING,
        task=task,
        location=_place(one),
        message=f"{one_line(one.title)}: {one_line(one.body, LONGEST)} (proven by a test)",
        level=_LEVELS.get(one.severity, Level.INFORMATION),
    )


def _folded(task: str, found: Sequence[Finding]) -> list[Fact]:
    by_path: dict[str, list[Finding]] = {}
    for one in found:
        by_path.setdefault(one.path, []).append(one)
    return [_fold(task, here) for here in by_path.values()]


def _fold(task: str, here: Sequence[Finding]) -> Fact:
    titles = some([f"{one.title} (line {one.line})" for one in here])
    return Fact(
        code=Code.FINDING,
        task=task,
        location=_place(here[0]),
        message=f"{counted(len(here), 'unproven finding')} of a review: {titles}",
        level=Level.HINT,
        related=tuple(Related(one_line(one.title), location=_place(one)) for one in here),
    )


def _place(one: Finding) -> Location:
    return Location(path=one.path, line=max(one.line, 1))
