"""Asks the daemon what each task is about, which its line does not say."""

import asyncio
from collections.abc import Callable, Iterable

from agent.protocol.errors import RatchetError
from tui.desk import Desk
from tui.screens.tasks.subject import subject

_BREATH = 0.01
"""Seconds between two questions, so that keys and paints come in between."""


class Subjects:
    """Remembers what it was told; a task never becomes one about something else."""

    def __init__(self, desk: Desk, told: Callable[[], None]) -> None:
        self._desk = desk
        self._told = told
        self._known: dict[str, str] = {}
        self._asking = asyncio.Lock()

    def of(self, task_id: str) -> str:
        """Return what a task is about; empty while that is not known."""
        return self._known.get(task_id, "")

    async def learn(self, task_ids: Iterable[str]) -> None:
        """Ask about tasks that nothing is known of, one after the other; `told` is called for each.

        While it is still at it, another call does nothing: `told` gives the chance to call it again.
        """
        if self._asking.locked():
            return
        async with self._asking:
            for task_id in task_ids:
                if task_id in self._known:
                    continue
                said = await self._ask(task_id)
                if said is None:
                    return
                self._known[task_id] = said
                self._told()

    async def _ask(self, task_id: str) -> str | None:
        if self._desk.client is None:
            log = self._desk.feed.log(task_id)
            return subject(log.state.spec) if log is not None and log.state.spec is not None else ""
        await asyncio.sleep(_BREATH)
        try:
            return subject((await self._desk.client.task(task_id)).spec)
        except RatchetError:
            # The lines do without until something changes; the banner tells of a daemon that is gone.
            return None
