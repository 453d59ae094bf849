"""Questions to the code index of the daemon, answered soon or not at all."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

from agent.protocol.errors import RatchetError
from lsp.server import RatchetServer
from lsp.showing.plain import one_line
from lsp.wire.failing import sentence

T = TypeVar("T")
_LATE = 3600.0
"""Seconds for which an answer may be late: to bring the index up to date asks git, which takes longer than
an editor likes to wait. What an answer gets wrong is asked for anew, and later the index is refreshed."""
_REFRESH_SECONDS = 2.0
"""Between two refreshes, at least."""
_PATIENCE = 8.0
_BUSY = "index-busy"


class Index:
    """The code index as one editor asks it."""

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._up_to_date: dict[Path, float] = {}
        """When the index of a repository was last brought up to date, in seconds since the epoch."""
        self._refreshed: dict[Path, float] = {}
        self._refreshing: set[Path] = set()

    async def ask(
        self, repository: Path, question: Callable[[float], Awaitable[T]], paths: Callable[[T], Iterable[str]]
    ) -> T | None:
        """Return the answer to a question that takes how late the answer may be; None when there is none now.

        An answer about `paths` that changed since the index was brought up to date is asked for again.
        """
        self._ls.calm.disturb()
        try:
            async with asyncio.timeout(_PATIENCE):
                late = _LATE if self._is_up_to_date(repository) else 0.0
                found = await self._asked(repository, question, late)
                if late and self._changed(repository, paths(found)):
                    found = await self._asked(repository, question, 0.0)
        except TimeoutError:
            self._ls.tell_once(self._building(repository))
            return None
        except RatchetError as error:
            self._ls.tell_once(self._building(repository) if error.code == _BUSY else sentence(error))
            return None
        self._refresh(repository)
        return found

    def warm(self, repository: Path) -> None:
        """Let the index be built before anybody asks."""
        self._refreshed.pop(repository, None)
        self._refresh(repository)

    async def _asked(self, repository: Path, question: Callable[[float], Awaitable[T]], late: float) -> T:
        began = time.time()
        found = await question(late)
        if not late:
            self._up_to_date[repository] = began
        return found

    def _is_up_to_date(self, repository: Path) -> bool:
        """Say whether no open document was saved since the index was brought up to date."""
        last = self._up_to_date.get(repository)
        if last is None:
            return False
        opened = (self._ls.folders.within(document.uri) for document in self._ls.protocol.documents)
        here = (one for one in opened if one is not None and one.repository == repository)
        return all(_changed_at(repository / one.path) < last for one in here)

    def _changed(self, repository: Path, paths: Iterable[str]) -> bool:
        last = self._up_to_date.get(repository, 0.0)
        return any(_changed_at(repository / path) >= last for path in dict.fromkeys(paths))

    def _refresh(self, repository: Path) -> None:
        """Bring the index up to date in the background, now and then, when nobody asks anything."""
        due = self._refreshed.get(repository, -_REFRESH_SECONDS) + _REFRESH_SECONDS
        if repository not in self._refreshing and time.monotonic() >= due:
            self._refreshing.add(repository)
            self._ls.spawn(self._refreshed_in_time(repository))

    async def _refreshed_in_time(self, repository: Path) -> None:
        try:
            await self._ls.calm.come()
            self._refreshed[repository] = time.monotonic()
            # Nothing is called that: only the way there counts.
            nothing = partial(self._ls.client.symbols, str(repository), "?")
            await self._asked(repository, lambda late: nothing(age=late), 0.0)
        except RatchetError as error:
            self._ls.log(f"the index of {repository.name} is not up to date: {sentence(error)}")
        finally:
            self._refreshing.discard(repository)

    def _building(self, repository: Path) -> str:
        name = one_line(repository.name)
        return f"The code index of {name} is being built; symbols and references come when it is done."


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        # It is gone.
        return time.time()
