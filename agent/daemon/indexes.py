"""The indexes that the daemon has open, few at a time, closed again when nobody asks them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from anyio import CapacityLimiter, to_thread

from agent.daemon.open_index import OpenIndex
from agent.repo.store import Store

_THREADS = 4
_MOST = 4
_IDLE_SECONDS = 300.0
_BUSY_SECONDS = 5.0


class Indexes:
    """Opens the index of a repository when it is asked for."""

    def __init__(self, state: Path, is_over: Callable[[], bool]) -> None:
        self._state = state
        self._is_over = is_over
        self._limiter = CapacityLimiter(_THREADS)
        self._open: dict[Path, OpenIndex] = {}
        self._opening = asyncio.Lock()
        self._tidying: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def of(self, repository: str, age: float = 0) -> OpenIndex:
        """Return the index of the repository around a directory; raises RepositoryError.

        With an age, one that is open for the top of that repository and was looked up not longer ago.
        """
        known = self._open.get(Path(repository))
        if known is not None and known.was_found_within(age):
            return known
        store = await to_thread.run_sync(Store.open, Path(repository), self._state, limiter=self._limiter)
        async with self._opening:
            known = self._open.pop(store.root, None)
            if known is not None and not known.is_of(store):
                self._close(known)
                known = None
            if known is None:
                known = await to_thread.run_sync(
                    OpenIndex, store, self._limiter, self._is_over, limiter=self._limiter
                )
            self._open[store.root] = known
            known.found()
        self._tidy()
        return known

    def _tidy(self) -> None:
        """Close what is idle or too much; looks again later."""
        for root, one in list(self._open.items()):
            if one.is_idle(_BUSY_SECONDS if len(self._open) > _MOST else _IDLE_SECONDS):
                self._close(self._open.pop(root))
        if self._tidying is not None:
            self._tidying.cancel()
            self._tidying = None
        if self._open:
            self._tidying = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._tidy)

    def _close(self, one: OpenIndex) -> None:
        task = asyncio.create_task(one.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
