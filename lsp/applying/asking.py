"""What the user decides before a patch goes into buffers: nothing happens until all is decided."""

from collections.abc import Sequence

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent.untrusted.clean import clean
from lsp.applying.doubts import left_out, listed
from lsp.applying.plan import Change, Choice, Conflict, Refused
from lsp.server import RatchetServer

CANCEL = "Cancel"
_EACH = "Decide one by one"
_OTHERS = "Apply only the others"
_LINES = 8
_LONGEST = 120


async def ask(ls: RatchetServer, sentence: str, answers: Sequence[str]) -> str | None:
    """Return the answer that the user chose, None for none; waits as long as they take."""
    actions = [types.MessageActionItem(title=one) for one in answers]
    asked = types.ShowMessageRequestParams(types.MessageType.Warning, sentence, actions)
    try:
        chosen = await ls.window_show_message_request_async(asked)
    except JsonRpcException:
        return None
    return chosen.title if chosen is not None and chosen.title in answers else None


async def decide(
    ls: RatchetServer, conflicts: Sequence[tuple[Change, Conflict, int]]
) -> dict[Conflict, Choice] | None:
    """Return a choice for each conflict; None when the user would rather have nothing applied."""
    if len(conflicts) > 1:
        files = len({conflict.path for _, conflict, _ in conflicts})
        where = "one file" if files == 1 else f"{files} files"
        sentence = f"{len(conflicts)} places in {where} were changed here and by Ratchet"
        answer = await ask(ls, sentence, (_EACH, _OTHERS, CANCEL))
        if answer == _OTHERS:
            return {conflict: Choice.MINE for _, conflict, _ in conflicts}
        if answer != _EACH:
            return None
    chosen: dict[Conflict, Choice] = {}
    for number, (change, conflict, line) in enumerate(conflicts, 1):
        await _show(ls, change, conflict, line)
        choices = _choices(conflict)
        of = f" ({number} of {len(conflicts)})" if len(conflicts) > 1 else ""
        answer = await ask(ls, f"{_told(conflict, line)}{of}", (*choices, CANCEL))
        if answer not in choices:
            return None
        chosen[conflict] = Choice(answer)
    return chosen


async def go_without(ls: RatchetServer, refused: Sequence[Refused], others: int) -> bool:
    """Say what cannot be applied here, and return whether the rest shall be."""
    sentence = f"Ratchet cannot change every file: {listed(left_out(refused))}"
    rest = "Apply the other file" if others == 1 else f"Apply the other {others} files"
    return await ask(ls, sentence, (rest, CANCEL)) == rest


def _choices(conflict: Conflict) -> tuple[Choice, ...]:
    if conflict.ours is None or conflict.theirs is None:
        return Choice.THEIRS, Choice.MINE
    return Choice.THEIRS, Choice.MINE, Choice.BOTH


def _told(conflict: Conflict, line: int) -> str:
    if conflict.theirs is None:
        return f"Ratchet removes {conflict.path}, which was changed here"
    if conflict.ours is None:
        return f"Ratchet changes {conflict.path}, which was removed here"
    where = f"{conflict.path}, line {line + 1}, was changed here and by Ratchet"
    return f"{where}\nMine:\n{_shown(conflict.ours)}\nTheirs:\n{_shown(conflict.theirs)}"


def _shown(text: str) -> str:
    lines = clean(text).text.split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    kept = [line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in lines[:_LINES]]
    if len(lines) > _LINES:
        kept.append(f"… {len(lines) - _LINES} more lines")
    return "\n".join(f"  {line}" for line in kept) or "  (nothing)"


async def _show(ls: RatchetServer, change: Change, conflict: Conflict, line: int) -> None:
    """Put the place before the user's eyes, where the editor can."""
    if not ls.abilities.shows_documents or conflict.ours is None:
        return
    place = types.Position(line, 0)
    shown = types.ShowDocumentParams(
        uri=change.held.uri, take_focus=False, selection=types.Range(place, place)
    )
    try:
        await ls.window_show_document_async(shown)
    except JsonRpcException:
        return
