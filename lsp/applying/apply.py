"""The patch of a task into the editor's buffers, all of it or nothing, unless the user says otherwise."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent.protocol.api import ChangedFile, TaskFiles, TaskView
from agent.untrusted.clean import clean
from lsp.applying.applied import Applied, Standing
from lsp.applying.asking import decide, go_without
from lsp.applying.doubts import dirty, is_proven, left_out, listed, modes, unlike
from lsp.applying.held import Buffer, buffers, hold, versions
from lsp.applying.plan import Choice, Conflict, Plan, plan
from lsp.applying.sending import workspace_edit
from lsp.applying.settling import differing, results, settle
from lsp.applying.telling import tell
from lsp.server import RatchetServer
from lsp.text.document import Encoding

_KEPT = "you kept what is there"
_TRIES = 5
"""How often an edit is planned anew because somebody typed meanwhile."""


async def apply_task(ls: RatchetServer, task_id: str) -> None:
    """Put a task's patch into the editor's buffers, as `ls.applied` says afterwards; raises RatchetError.

    Asks the user about whatever conflicts; takes as long as they do.
    """
    before = ls.applied.get(task_id)
    if before is not None and before.standing is Standing.APPLYING:
        ls.tell("Ratchet is applying this patch already")
        return
    ls.applied[task_id] = Applied(Standing.APPLYING)
    try:
        applied = await _Applying(ls, task_id).run()
        # A patch that was applied before stays so when this time nothing came of it.
        ls.applied[task_id] = before if before and applied.standing is Standing.NOT_APPLIED else applied
    finally:
        if ls.applied[task_id].standing is Standing.APPLYING:
            ls.applied[task_id] = before or Applied(Standing.NOT_APPLIED, ("it was interrupted",))
    await tell(ls, task_id, applied)


@dataclass(frozen=True, slots=True)
class _Ended:
    """What the client did with an edit; `reason` says why not."""

    applied: bool
    reason: str = ""


class _Applying:
    """One attempt to apply one patch."""

    def __init__(self, ls: RatchetServer, task_id: str) -> None:
        self._ls = ls
        self._task_id = task_id
        self._decided: dict[Conflict, Choice] = {}
        self._root = Path()
        self._files: tuple[ChangedFile, ...] = ()
        self._agreed = False
        """Whether the user has agreed to apply less than all."""

    async def run(self) -> Applied:
        """Return what came of it."""
        if not self._ls.abilities.applies_edits:
            hint = f"`ratchet tasks patch {self._task_id} | git apply` does it on the disk"
            return _not("this editor takes no edits from a server; " + hint)
        view, files = await self._fetched()
        if not files.files:
            return _not("the task has no patch")
        top = self._ls.feed.top_of(view.spec)
        if top is None:
            return _not(f"no folder of {view.spec.home.partition(':')[2]} is open here")
        self._root, self._files = top, files.files
        doubts = () if is_proven(view, files) else ("the patch itself is not verified",)
        for _ in range(_TRIES):
            made = await self._decided_plan()
            if isinstance(made, str):
                return _not(made)
            if not any(one.acts for one in made.changes):
                there = await self._compared(made, doubts)
                return (
                    there if there.standing is Standing.VERIFIED else _not("nothing of it is left to apply")
                )
            if self._is_stale(made):
                continue
            ended = await self._sent(made)
            if not ended.applied and self._is_stale(made) and not self._is_there(made):
                continue
            return await self._after(made, ended, doubts)
        return _not("the files do not stop changing; nothing was done")

    async def _fetched(self) -> tuple[TaskView, TaskFiles]:
        client = self._ls.client
        return await client.task(self._task_id), await client.files(self._task_id)

    async def _decided_plan(self) -> Plan | str:
        """Return a plan without open questions, or why there is nothing to be done."""
        while True:
            made = await asyncio.to_thread(self._plan, buffers(self._ls.protocol.documents))
            if made.refused and not self._agreed:
                others = sum(1 for one in made.changes if one.acts or one.conflicts)
                if not others:
                    return listed(left_out(made.refused))
                self._agreed = await go_without(self._ls, made.refused, others)
                if not self._agreed:
                    return _KEPT
            if not made.conflicts:
                return made
            choices = await decide(self._ls, made.conflicts)
            if choices is None:
                return _KEPT
            self._decided |= choices

    def _plan(self, open_: dict[Path, Buffer]) -> Plan:
        encoding = Encoding(self._ls.workspace.position_encoding or Encoding.UTF16)
        held = {one.path: hold(self._root, one.path, open_, encoding) for one in self._files}
        return plan(self._files, held, self._decided)

    def _is_stale(self, made: Plan) -> bool:
        """Say whether a document is other than it was when the plan was made."""
        now, root = versions(self._ls.protocol.documents), self._root.resolve()
        return any(now.get(root / one.held.path) != one.held.version for one in made.changes)

    def _is_there(self, made: Plan) -> bool:
        """Say whether a document already holds what was planned for it."""
        documents = self._ls.protocol.documents
        found = [(documents.get(one.held.uri), one) for one in made.changes if one.edits]
        return any(document is not None and document.text == one.content for document, one in found)

    async def _sent(self, made: Plan) -> _Ended:
        edit = workspace_edit(made.changes, self._ls.abilities)
        if not edit.changes and not edit.document_changes:
            return _Ended(True)
        label = f"Ratchet: apply {self._task_id}"
        try:
            # Without a time limit: the editor may wait for its user.
            answer = await self._ls.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        except JsonRpcException as error:
            return _Ended(False, error.message or "")
        if answer is None or answer.applied:
            return _Ended(True)
        return _Ended(False, answer.failure_reason or "")

    async def _after(self, made: Plan, ended: _Ended, doubts: tuple[str, ...]) -> Applied:
        if ended.applied:
            await settle(self._ls.protocol.documents, made.changes)
            return await self._compared(made, doubts)
        told = clean(ended.reason).text
        reason = f"the editor did not apply it: {told}" if told else "the editor did not apply it"
        if not self._is_there(made):
            return _not(reason)
        return await self._compared(made, (*doubts, f"{reason}, but a part is there"))

    async def _compared(self, made: Plan, doubts: tuple[str, ...]) -> Applied:
        """Return how what is there stands to what was verified."""
        open_ = buffers(self._ls.protocol.documents)
        found = await asyncio.to_thread(results, self._root, made.changes, open_)
        others = await asyncio.to_thread(differing, self._root, open_, [one.path for one in self._files])
        reasons = (
            *doubts,
            *unlike(made.changes, found),
            *modes(self._files, made.changes),
            *left_out(made.refused),
            *dirty(others),
        )
        return Applied(Standing.UNVERIFIED if reasons else Standing.VERIFIED, reasons)


def _not(reason: str) -> Applied:
    return Applied(Standing.NOT_APPLIED, (reason,))
