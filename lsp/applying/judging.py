"""Verify what is in the editor: the disk, and on it what no buffer has saved yet."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from agent.patches.rendering.change import change_of
from agent.patches.rendering.diffs import unified_diff_text
from agent.protocol.task import TaskKind
from lsp.applying.held import Held, buffers
from lsp.applying.settling import unsaved
from lsp.server import RatchetServer
from lsp.work.orders import Wish, spec_of

_CONTEXT = 3


async def judge(ls: RatchetServer, root: Path) -> str:
    """Begin a task that verifies a working tree with the unsaved buffers in it, and return its id."""
    spec = await asyncio.to_thread(spec_of, Wish(TaskKind.VERIFY), root, ls.settings)
    held = await asyncio.to_thread(unsaved, root, buffers(ls.protocol.documents))
    view = await ls.client.create(spec.model_copy(update={"patch": unsaved_patch(held)}))
    task_id = view.summary.task_id
    ls.begun.add(task_id)
    if root not in ls.folders.repositories:
        ls.spawn(ls.feed.follow(task_id))
    return task_id


def unsaved_patch(held: Sequence[Held]) -> str | None:
    """Return what saving the buffers would change on the disk, as `git apply` takes it; None for nothing."""
    changes = [change_of(one.path, _bytes(one.disk), _bytes(one.saved)) for one in held]
    return unified_diff_text(changes, _CONTEXT) or None


def _bytes(text: str | None) -> bytes | None:
    # Half a character is nothing that an editor could save.
    return None if text is None else text.encode("utf-8", "replace")
