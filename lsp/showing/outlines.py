"""What the index knows about the definitions in files: fetched in the background, answered from memory."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.client.client import Client
from agent.protocol.errors import RatchetError
from agent.protocol.index import ImpactRequest, IndexSymbol, IndexTest
from lsp.calm import Calm
from lsp.text.placing import disk_lines

Filled = Callable[[], None]

MOST_TESTS = 200
"""Of those that reach a function; past it only that there are more is known."""
_MOST_FUNCTIONS = 100
_MOST_OUTLINES = 64
_AGAIN_SECONDS = 10.0
"""After the index could not answer; the daemon may be building it."""
_TRIES = 30
_FUNCTIONS = {"function", "method"}


@dataclass(frozen=True, slots=True)
class Outline:
    """The definitions in a file as it was on the disk, and the tests that reach those that are no tests."""

    seen: Sequence[str] = ()
    symbols: tuple[IndexSymbol, ...] = ()
    reached: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Ids of tests by the first line of a function; a function that is not in it was not asked about yet."""


class Outlines:
    """Outlines by file, of the files that were asked for last; `filled` is called when one has changed."""

    def __init__(self, client: Client, filled: Filled, calm: Calm) -> None:
        self._client = client
        self._calm = calm
        self._filled = filled
        self._known: OrderedDict[tuple[Path, str], Outline] = OrderedDict()
        self._wanted: dict[tuple[Path, str], Sequence[str]] = {}
        self._fetching: asyncio.Task[None] | None = None

    def of(self, repository: Path, path: str) -> Outline:
        """Return what is known of a file by now, and see to it that it is known of the file as it is."""
        key, lines = (repository, path), disk_lines(repository / path)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
        if lines is not None and (known is None or known.seen != lines):
            self._want(key, lines)
        return known or Outline()

    def _want(self, key: tuple[Path, str], lines: Sequence[str]) -> None:
        self._wanted[key] = lines
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.get_running_loop().create_task(self._fetch_all())

    async def _fetch_all(self) -> None:
        tries = _TRIES
        while self._wanted and tries:
            key, lines = next(reversed(self._wanted.items()))
            try:
                await self._fetch(key, lines)
            except RatchetError:
                tries -= 1
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                tries = _TRIES
                if self._wanted.get(key) is lines:
                    del self._wanted[key]
        self._wanted.clear()

    async def _fetch(self, key: tuple[Path, str], lines: Sequence[str]) -> None:
        repository, path = key
        found = (await self._client.symbols(str(repository), path)).symbols
        symbols = tuple(one for one in found if one.path == path)
        reached: dict[int, tuple[str, ...]] = {}
        self._put(key, Outline(lines, symbols, reached))
        functions = [one for one in symbols if one.kind in _FUNCTIONS and not one.is_test]
        for one in functions[:_MOST_FUNCTIONS]:
            wanted = ImpactRequest(
                repository=str(repository), targets=(f"{path}::{one.symbol}",), limit=MOST_TESTS
            )
            await self._calm.come()
            tests = (await self._client.impact(wanted)).tests
            reached[one.start] = tuple(_id(test) for test in tests if test.symbol)
        if functions:
            self._filled()

    def _put(self, key: tuple[Path, str], outline: Outline) -> None:
        self._known[key] = outline
        while len(self._known) > _MOST_OUTLINES:
            self._known.popitem(last=False)
        self._filled()


def _id(test: IndexTest) -> str:
    return "::".join([test.path, *test.symbol.split(".")])
