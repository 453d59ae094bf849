"""One server-made progress of an editor: told at most ten times a second, cancellable."""

import asyncio

from lsprotocol import types

from agent.protocol.progress import Progress
from lsp.server import RatchetServer
from lsp.showing.plain import one_line

_PAUSE = 0.1
"""Seconds between two reports."""


class Bar:
    """Begins once the editor has taken the token; what is told before that is not lost."""

    def __init__(self, ls: RatchetServer, token: str, title: str) -> None:
        self._ls = ls
        self._token = token
        self._title = title
        self._message = ""
        self._cancellable = True
        self._last = Progress(phase="")
        self._begun = False
        self._end: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Ask the editor for the token, and begin; raises JsonRpcException when it does not want one."""
        await self._ls.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(self._token))
        self._begun = True
        message = self._message or None
        self._send(types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=message))
        if self._end is not None:
            self._send(types.WorkDoneProgressEnd(message=self._end))

    def update(self, update: Progress) -> None:
        """Take what the task tells; fields left at None keep their value while the phase lasts."""
        if update.only_adds and update.phase == self._last.phase:
            return
        kept = self._last.model_dump(exclude_none=True) if update.phase == self._last.phase else {}
        self._last = Progress(**{**kept, **update.model_dump(exclude_none=True)})
        self.say(one_line(_sentence(self._last)))

    def say(self, message: str, *, cancellable: bool = True) -> None:
        """Show a message, soon; of several within a tenth of a second the last."""
        changed = (message, cancellable) != (self._message, self._cancellable)
        self._message, self._cancellable = message, cancellable
        if changed and self._begun and self._end is None and self._timer is None:
            self._report()

    def end(self, message: str) -> None:
        """End it."""
        if self._end is None:
            self._end = message
            if self._timer is not None:
                self._timer.cancel()
            if self._begun:
                self._send(types.WorkDoneProgressEnd(message=message))

    def _report(self) -> None:
        told = (self._message, self._cancellable)
        self._send(types.WorkDoneProgressReport(message=self._message, cancellable=self._cancellable))
        self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._again, told)

    def _again(self, told: tuple[str, bool]) -> None:
        self._timer = None
        if told != (self._message, self._cancellable) and self._end is None:
            self._report()

    def _send(
        self,
        value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd,
    ) -> None:
        self._ls.progress(types.ProgressParams(token=self._token, value=value))


def _sentence(update: Progress) -> str:
    parts = [update.phase, update.message]
    if update.done is not None:
        parts.append(f"{update.done} of {update.total}" if update.total else str(update.done))
    if update.candidates is not None:
        parts.append(f"{update.candidates} candidates")
    if update.candidates_per_second:
        parts.append(f"{update.candidates_per_second:.0f}/s")
    if update.best:
        parts.append(f"best: {update.best}")
    return ", ".join(part for part in parts if part)
