"""Results where the user is: a document that the editor opens, or a message that says where it lies."""

import asyncio
import os
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent.config import state_dir
from agent.protocol.outcome import Outcome
from agent.protocol.report import report
from agent.protocol.state import TaskState, fold
from lsp.applying.apply import apply_task
from lsp.folders import uri_of
from lsp.server import RatchetServer
from lsp.showing.pages import page
from lsp.showing.plain import one_line
from lsp.work.proven import PROVEN, has_proven_patch

APPLY, SHOW = "Apply", "Show"
_GOOD = (*PROVEN, Outcome.DONE, Outcome.INTERRUPTED)
_FOLDER = "shown"
_KEPT = 100
"""Documents; those of older tasks can be made again."""


def tell_ends(server: RatchetServer) -> None:
    """Have the user told, once, how each task of this editor ends, and what can be done then."""
    told: set[tuple[str, int]] = set()

    def changed(state: TaskState) -> None:
        key = (state.task_id, state.attempt)
        if state.finished is not None and key not in told and server.begun.has(state):
            told.add(key)
            server.spawn(_tell_end(server, state))

    def begun(task_id: str) -> None:
        known = server.feed.state(task_id)
        if known is not None:
            # It had ended before its id was known here.
            changed(known)

    server.feed.listen(changed)
    server.begun.listen(begun)


async def show_task(ls: RatchetServer, task_id: str) -> None:
    """Show what is known about a task; raises RatchetError when there is none of this id."""
    state = ls.feed.state(task_id) or fold(await ls.client.history(task_id))
    log = await ls.client.log(task_id)
    await show_page(ls, task_id, page(state, log), focus=True)


async def show_page(ls: RatchetServer, name: str, text: str, *, focus: bool = False) -> None:
    """Show a document of ours; where the editor opens none, say where it lies."""
    path = await asyncio.to_thread(_write, name, text)
    wanted = types.ShowDocumentParams(uri=uri_of(path), external=False, take_focus=focus)
    try:
        shown = ls.abilities.shows_documents and (await ls.window_show_document_async(wanted)).success
    except JsonRpcException:
        shown = False
    if not shown:
        ls.tell(f"Ratchet: see {path}")


async def ask(ls: RatchetServer, text: str, answers: tuple[str, ...], kind: types.MessageType) -> str | None:
    """Return which answer the user chose, however long that takes; None when the question was closed."""
    items = tuple(types.MessageActionItem(title=one) for one in answers)
    wanted = types.ShowMessageRequestParams(type=kind, message=text, actions=items)
    try:
        chosen = await ls.window_show_message_request_async(wanted)
    except JsonRpcException:
        return None
    return chosen.title if chosen is not None else None


async def _tell_end(ls: RatchetServer, state: TaskState) -> None:
    assert state.finished is not None
    if state.finished.outcome is Outcome.DONE:
        await show_page(ls, state.task_id, page(state), focus=True)
        return
    proven = has_proven_patch(state)
    sentence = f"Ratchet: {state.finished.outcome}: {one_line(report(state).reason, 400)}"
    good = state.finished.outcome in _GOOD
    kind = types.MessageType.Info if good else types.MessageType.Warning
    if not ls.abilities.asks:
        what = "; the code action `Apply verified fix` applies it" if proven else ""
        ls.tell(f"{sentence}{what}; `ratchet tasks show {state.task_id}` says more", kind)
        return
    answers = (APPLY, SHOW) if proven else (SHOW,)
    chosen = await ask(ls, sentence, answers, kind)
    if chosen == APPLY:
        await apply_task(ls, state.task_id)
    elif chosen == SHOW:
        await show_task(ls, state.task_id)


def _write(name: str, text: str) -> Path:
    """Write a document that nobody else of this machine can read; only the newest ones are kept."""
    folder = state_dir().absolute() / "lsp" / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{_file_name(name)}.md"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    for old in sorted(folder.glob("*.md"), key=_age)[:-_KEPT]:
        old.unlink(missing_ok=True)
    return path


def _file_name(name: str) -> str:
    return "".join(one if one.isalnum() or one in "-_" else "-" for one in name)[:100]


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
