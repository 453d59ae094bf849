"""How a task goes, in the editor's own progress, which can cancel it."""

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from lsp.server import RatchetServer
from lsp.showing.bar import Bar
from lsp.showing.pages import title

_PREFIX = "ratchet/"


def register(server: RatchetServer) -> None:
    """Take part in a server."""
    bars = Bars(server)
    server.begun.listen(bars.begun)
    server.feed.listen(bars.changed)
    server.feed.listen_live(bars.live)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel(ls: RatchetServer, params: types.WorkDoneProgressCancelParams) -> None:
        bars.cancel(str(params.token))


class Bars:
    """A bar for each task that this editor asked for, and for others as soon as they are seen at work.

    An editor that did not announce progress gets none.
    """

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._bars: dict[str, Bar] = {}

    def begun(self, task_id: str) -> None:
        """Take a task of this editor; it may have come in before its id was known."""
        known = self._ls.feed.state(task_id)
        if known is not None:
            self.changed(known)

    def changed(self, state: TaskState) -> None:
        """Take the state of a task."""
        bar = self._bars.get(state.task_id)
        if state.finished is not None:
            self._bars.pop(state.task_id, None)
            if bar is not None:
                bar.end(str(state.finished.outcome))
            return
        if bar is None and self._ls.begun.has(state):
            bar = self._open(state)
        if bar is not None:
            _say(bar, state)

    def live(self, task_id: str, update: Progress) -> None:
        """Take what a task tells about itself, which only one at work does."""
        state = self._ls.feed.state(task_id)
        if state is None or state.finished is not None:
            return
        bar = self._bars.get(task_id) or self._open(state)
        if bar is not None and not state.cancelled:
            bar.update(update)

    def cancel(self, token: str) -> None:
        """Stop the task of a token, for good."""
        task_id = token.removeprefix(_PREFIX)
        bar = self._bars.get(task_id)
        if bar is not None:
            bar.say("cancelling", cancellable=False)
            self._ls.spawn(self._cancel(task_id))

    async def _cancel(self, task_id: str) -> None:
        await self._ls.client.cancel(task_id)

    def _open(self, state: TaskState) -> Bar | None:
        if not self._ls.abilities.progress:
            return None
        token = _PREFIX + state.task_id
        self._bars[state.task_id] = bar = Bar(self._ls, token, f"Ratchet: {title(state)}")
        self._ls.spawn(self._begin(state.task_id, bar))
        return bar

    async def _begin(self, task_id: str, bar: Bar) -> None:
        try:
            await bar.begin()
        except JsonRpcException:
            bar.end("not wanted")


def _say(bar: Bar, state: TaskState) -> None:
    if state.cancelled:
        bar.say("cancelling", cancellable=False)
    elif state.open_approvals:
        bar.say("waits for an answer")
    elif state.paused:
        bar.say("paused")
