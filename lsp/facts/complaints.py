"""What a change broke beside tests: new complaints of compilers and linters, and tests that are lost."""

from collections.abc import Iterable, Sequence

from agent.protocol.check import Location
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Verdict
from lsp.facts.checkout import is_of_checkout
from lsp.facts.fact import Fact, Level
from lsp.facts.tests import path_of_test
from lsp.facts.words import some
from lsp.names import Code
from lsp.showing.plain import one_line


def complaints(states: Sequence[TaskState]) -> list[Fact]:
    """Return what the newest verdict on the working tree complains about; the newest task comes first."""
    for state in states:
        spec, verdict = state.spec, state.verdict
        if spec and spec.kind is TaskKind.VERIFY and verdict and is_of_checkout(state):
            patched = spec.patch is not None
            return [*_said(state.task_id, verdict, patched), *_lost(state.task_id, verdict, patched)]
    return []


def _said(task: str, verdict: Verdict, patched: bool) -> Iterable[Fact]:
    for one in verdict.diagnostics:
        code = f" [{one_line(one.code, 60)}]" if one.code else ""
        yield Fact(
            code=Code.COMPLAINT,
            task=task,
            location=one.location,
            message=f"{one_line(one.tool, 60)}: {one_line(one.message)}{code}",
            level=Level.WARNING,
            patched=patched,
        )


def _lost(task: str, verdict: Verdict, patched: bool) -> Iterable[Fact]:
    paths: dict[str, list[str]] = {}
    for test in verdict.vanished:
        paths.setdefault(path_of_test(test), []).append(test)
    for path, tests in paths.items():
        if path:
            yield Fact(
                code=Code.BROKEN,
                task=task,
                location=Location(path=path, line=1),
                message=f"the change loses tests: {some(tests)}",
                level=Level.WARNING,
                tests=tuple(tests),
                patched=patched,
            )
