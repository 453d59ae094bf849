"""The proven patches that are not in a file yet, found without asking anybody."""

import time
from collections.abc import Iterator, Sequence

from agent.protocol.outcome import Outcome
from agent.protocol.report import report
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from lsp.document import body
from lsp.folders import Within

PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)
_FRESH_SECONDS = 86_400
"""Age up to which the patch of a task is offered; `ratchet.apply` takes any."""


class ProvenPatches:
    """Listens to the feed, and keeps the newest patch for each file."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], tuple[str, int, str]] = {}

    def changed(self, state: TaskState) -> None:
        """Take the state of a task."""
        if not has_proven_patch(state):
            return
        told, spec = report(state), state.spec
        assert spec is not None
        for path in told.files:
            known = self._newest.get((spec.repository, path))
            if known is None or known[0] <= state.task_id:
                self._newest[spec.repository, path] = (state.task_id, state.judged_at, told.patch or "")

    def for_file(self, within: Within, lines: Sequence[str]) -> str:
        """Return the id of the task whose patch is to be offered for a file with this text; or nothing."""
        task_id, judged_at, diff = self._newest.get((str(within.repository), within.path), ("", 0, ""))
        if not task_id or time.time() - judged_at > _FRESH_SECONDS:
            return ""
        return "" if _is_in(diff, within.path, lines) else task_id


def has_proven_patch(state: TaskState) -> bool:
    """Say whether a finished task has a proven patch that it did not put into the working tree."""
    if state.finished is None or state.finished.outcome not in PROVEN or state.spec is None:
        return False
    if state.spec.kind not in (TaskKind.FIX, TaskKind.DO):
        return False
    told = report(state)
    return bool(told.patch) and not told.applied


def _is_in(diff: str, path: str, lines: Sequence[str]) -> bool:
    """Say whether a file has every hunk of its part of a diff already."""
    text = "".join(f"\n{body(line)}" for line in lines) + "\n"
    hunks = list(_results(diff, path))
    return bool(hunks) and all(f"\n{hunk}\n" in text for hunk in hunks)


def _results(diff: str, path: str) -> Iterator[str]:
    """Yield what each hunk of a file's part leaves behind; nothing for a file that is not text."""
    for part in f"\n{diff}".split("\ndiff --git ")[1:]:
        head, *hunks = part.split("\n@@ ")
        if f"\n+++ b/{path}" not in head.replace("\t", "\n"):
            continue
        for hunk in hunks:
            kept = [line[1:] for line in hunk.split("\n")[1:] if line[:1] in (" ", "+")]
            yield "\n".join(line.removesuffix("\r") for line in kept)
