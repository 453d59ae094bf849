"""One repository's index as the daemon serves it: brought up to date, asked and closed in threads."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter, to_thread

from agent.daemon.errors import IndexBusy
from agent.index.answers import (
    draw_map,
    find_hits,
    find_impact,
    list_callees,
    list_callers,
    list_references,
    list_symbols,
    match_symbols,
)
from agent.index.code_index import CodeIndex, Listed
from agent.index.errors import IndexDamaged
from agent.index.search.hybrid import Search, search_of
from agent.index.snapshot import SnapshotView
from agent.protocol.index import (
    ImpactRequest,
    IndexCallers,
    IndexHits,
    IndexImpact,
    IndexMap,
    IndexProgress,
    IndexReferences,
    IndexStatus,
    IndexSymbols,
    MapRequest,
    SearchRequest,
)
from agent.repo.store import Store

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds for which a request waits for others; a build that it began goes on without it."""


class OpenIndex:
    """One question is answered at a time, of a snapshot brought up to date for it.

    Whoever comes meanwhile waits, but not for long: raises IndexBusy.
    """

    def __init__(self, store: Store, limiter: CapacityLimiter, is_over: Callable[[], bool]) -> None:
        self._index = CodeIndex(store)
        self._store = store
        self._limiter = limiter
        self._is_over = is_over
        self._turn = asyncio.Lock()
        self._searches: WeakKeyDictionary[SnapshotView, Search] = WeakKeyDictionary()
        self._works: set[asyncio.Task[object]] = set()
        self._progress: IndexProgress | None = None
        self._used_at = self._found_at = time.monotonic()

    async def hits(self, wanted: SearchRequest) -> IndexHits:
        """Return the places that a text is about."""
        asked = partial(find_hits, text=wanted.text, limit=wanted.limit)
        return await self._ask(wanted.revision, lambda view: asked(self._search(view)))

    async def map(self, wanted: MapRequest) -> IndexMap:
        """Return a map within a budget."""
        asked = partial(draw_map, text=wanted.text, tokens=wanted.tokens, limit=wanted.limit)
        return await self._ask(wanted.revision, lambda view: asked(self._search(view)))

    async def impact(self, wanted: ImpactRequest) -> IndexImpact:
        """Return the tests that can reach paths or symbols."""
        asked = partial(find_impact, targets=wanted.targets, limit=wanted.limit)
        return await self._ask(wanted.revision, asked)

    async def symbols(
        self, target: str | None, revision: str | None, limit: int, age: float = 0
    ) -> IndexSymbols:
        """Return the definitions of a path or a name."""
        return await self._ask(revision, partial(list_symbols, target=target, limit=limit), age)

    async def matching(self, part: str, revision: str | None, limit: int, age: float = 0) -> IndexSymbols:
        """Return the definitions whose name holds a text."""
        return await self._ask(revision, partial(match_symbols, part=part, limit=limit), age)

    async def references(
        self, name: str, revision: str | None, limit: int, age: float = 0
    ) -> IndexReferences:
        """Return where a name is used."""
        return await self._ask(revision, partial(list_references, name=name, limit=limit), age)

    async def callers(self, name: str, revision: str | None, limit: int, age: float = 0) -> IndexCallers:
        """Return the calls that can reach what has a name."""
        return await self._ask(revision, partial(list_callers, name=name, limit=limit), age)

    async def callees(self, name: str, revision: str | None, limit: int, age: float = 0) -> IndexCallers:
        """Return the calls in what has a name."""
        return await self._ask(revision, partial(list_callees, name=name, limit=limit), age)

    async def status(self, revision: str | None) -> IndexStatus:
        """Return what is indexed; during a build, what another connection sees of it."""
        self.touch()
        if not self._turn.locked():
            # Nothing comes between the look and this, so that it never waits.
            async with self._turn:
                return await to_thread.run_sync(self._index.status, revision, limiter=self._limiter)
        status = await to_thread.run_sync(self._seen_apart, revision, limiter=self._limiter)
        return status.model_copy(update={"building": self._progress})

    def is_of(self, store: Store) -> bool:
        """Return whether the same checkout is meant; another may lie at its place now."""
        return store.trust == self._store.trust

    def found(self) -> None:
        """Count from now on how long ago somebody saw that it is the right one."""
        self._found_at = time.monotonic()
        self.touch()

    def was_found_within(self, seconds: float) -> bool:
        """Return whether that was so short a time ago."""
        return time.monotonic() - self._found_at < seconds

    def touch(self) -> None:
        """Count from now on how long nobody has asked."""
        self._used_at = time.monotonic()

    def is_idle(self, seconds: float) -> bool:
        """Return whether nobody asked for so long."""
        return not self._turn.locked() and time.monotonic() - self._used_at >= seconds

    async def close(self) -> None:
        """Close it once nobody is asking."""
        async with self._turn:
            await to_thread.run_sync(self._index.close, limiter=self._limiter)

    async def _ask(self, revision: str | None, question: Callable[[SnapshotView], T], age: float = 0) -> T:
        self.touch()
        began = asyncio.Event()
        late = age if revision is None else 0.0
        task = asyncio.create_task(self._answer(revision, question, late, began))
        self._works.add(task)
        task.add_done_callback(self._forget)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if done:
            return task.result()
        if not began.is_set():
            task.cancel()
        raise IndexBusy(_described(self._progress), hint="ask again in a few seconds")

    async def _answer(
        self, revision: str | None, question: Callable[[SnapshotView], T], late: float, began: asyncio.Event
    ) -> T:
        # Git takes longer than most questions, which need not wait for it.
        listed = None if late else await self._run(partial(self._index.listed, revision))
        work = partial(self._asked, revision, question, late, listed)
        async with self._turn:
            began.set()
            try:
                return await self._run(work)
            finally:
                self._progress = None
                self.touch()

    async def _run(self, work: Callable[[], T]) -> T:
        return await to_thread.run_sync(work, limiter=self._limiter)

    def _forget(self, task: "asyncio.Task[object]") -> None:
        self._works.discard(task)
        if not task.cancelled():
            # Whoever asked may be gone; the next who asks hears of it.
            task.exception()

    def _asked(
        self,
        revision: str | None,
        question: Callable[[SnapshotView], T],
        late: float,
        listed: Listed | None,
    ) -> T:
        try:
            if listed is None:
                return question(self._index.recent(late, self._on_progress))
            return question(self._index.view_of(listed, self._on_progress))
        except IndexDamaged:
            # The next view is of an index built anew.
            return question(self._index.view(revision, self._on_progress))

    def _search(self, view: SnapshotView) -> Search:
        found = self._searches.get(view)
        if found is None:
            found = self._searches[view] = search_of(view)
        return found

    def _seen_apart(self, revision: str | None) -> IndexStatus:
        with CodeIndex(self._store) as index:
            return index.status(revision)

    def _on_progress(self, done: int, total: int) -> None:
        if self._is_over():
            raise IndexBusy("the daemon ends", hint="ask the next one")
        self._progress = IndexProgress(done=done, total=total)


def _described(progress: IndexProgress | None) -> str:
    if progress is None:
        return "the index is busy with other questions"
    return f"the index is being built: {progress.done} of {progress.total} files"
