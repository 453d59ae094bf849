"""Questions of a task, asked where the user is."""

from lsprotocol import types

from agent.protocol.errors import RatchetError
from agent.protocol.policy import Answer, Approval
from agent.protocol.state import TaskState
from lsp.server import RatchetServer
from lsp.showing.pages import question_page, title
from lsp.showing.plain import one_line
from lsp.showing.results import SHOW, ask, show_page

_ALLOW, _DENY = "Allow", "Deny"
_SHOWN = 3


def register(server: RatchetServer) -> None:
    """Take part in a server."""
    server.feed.listen(Questions(server).changed)


class Questions:
    """Asks each question once; whoever answers first, here or elsewhere, has decided."""

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._asked: set[tuple[str, str]] = set()
        self._open: set[tuple[str, str]] = set()

    def changed(self, state: TaskState) -> None:
        """Take the state of a task: ask what it asks, and say what was answered elsewhere."""
        for answer in state.answers:
            self._settled(state.task_id, answer)
        attended = state.spec is not None and state.spec.attended
        if state.finished is not None or not (attended or self._ls.begun.has(state)):
            return
        for approval in state.open_approvals:
            key = (state.task_id, approval.id)
            if key not in self._asked:
                self._asked.add(key)
                self._ls.spawn(self._converse(state, approval))

    async def _converse(self, state: TaskState, approval: Approval) -> None:
        # What the feed brings first may be long over.
        now = await self._ls.client.task(state.task_id)
        if approval not in now.open_approvals:
            return
        key = (state.task_id, approval.id)
        text = _text(state, approval)
        if not self._ls.abilities.asks:
            # Some answer without having said so, some show nothing.
            self._ls.tell(f"{text} {_later(state.task_id)}")
        while self._is_open(state.task_id, approval):
            self._open.add(key)
            chosen = await ask(self._ls, text, (_ALLOW, _DENY, SHOW), types.MessageType.Warning)
            if chosen != SHOW:
                await self._answer(state.task_id, approval, chosen)
                return
            await show_page(
                self._ls, f"{state.task_id}-{approval.id}", question_page(state.task_id, approval)
            )

    async def _answer(self, task_id: str, approval: Approval, chosen: str | None) -> None:
        was_open = (task_id, approval.id) in self._open
        self._open.discard((task_id, approval.id))
        if not was_open or not self._is_open(task_id, approval):
            return
        resolve = {_ALLOW: self._ls.client.approve, _DENY: self._ls.client.deny}.get(chosen or "")
        if resolve is None:
            self._ls.tell(f"Ratchet: the question stays open. {_later(task_id)}")
            return
        try:
            await resolve(task_id, approval.id)
        except RatchetError as error:
            # Somebody else was faster, or the task has ended.
            self._ls.tell(f"Ratchet: {one_line(error.message)}")

    def _settled(self, task_id: str, answer: Answer) -> None:
        key = (task_id, answer.approval_id)
        if key in self._open:
            self._open.discard(key)
            self._ls.tell(f"Ratchet: answered: {answer.decision} by {one_line(answer.by)}")

    def _is_open(self, task_id: str, approval: Approval) -> bool:
        state = self._ls.feed.state(task_id)
        return state is None or (state.finished is None and approval in state.open_approvals)


def _text(state: TaskState, approval: Approval) -> str:
    actions = [f"{one.subject} `{one_line(one.value)}`" for one in approval.actions[:_SHOWN]]
    more = len(approval.actions) - _SHOWN
    shown = ", ".join([*actions, *([f"{more} more"] if more > 0 else [])])
    about = f" ({shown})" if shown else ""
    return f"Ratchet, {title(state)}: {one_line(approval.reason, 400)}{about}"


def _later(task_id: str) -> str:
    return f"`ratchet tasks approve {task_id}` or `ratchet tasks deny {task_id}` answers it."
