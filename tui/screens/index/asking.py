"""Asks the index, and again while it is being built."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from agent.client.client import Client
from agent.protocol.errors import RatchetError
from agent.protocol.index import ImpactRequest, IndexSymbol
from tui.screens.index.rows import Row, callees, callers, definition, impact

T = TypeVar("T")
LIMIT = 100
"""Rows of a section."""
_AGE = 20.0
_BUSY = "index-busy"
_PAUSE = 1.0


async def patiently(ask: Callable[[], Awaitable[T]], busy: Callable[[str], None]) -> T:
    """Return an answer, however long a build takes; `busy` is told how far that is. Raises RatchetError."""
    while True:
        try:
            return await ask()
        except RatchetError as error:
            if error.code != _BUSY:
                raise
            busy(error.message)
        await asyncio.sleep(_PAUSE)


async def described(
    client: Client, root: Path, one: IndexSymbol, busy: Callable[[str], None]
) -> AsyncIterator[list[Row]]:
    """Yield all that is known of a symbol, each time more of it; raises RatchetError."""
    rows, repository = definition(one), str(root)
    yield rows
    calls = await patiently(lambda: client.callers(repository, one.symbol, limit=LIMIT, age=_AGE), busy)
    rows = rows + callers(one, calls, LIMIT)
    yield rows
    calls = await patiently(lambda: client.callees(repository, one.symbol, limit=LIMIT, age=_AGE), busy)
    rows = rows + callees(one, calls, LIMIT)
    yield rows
    wanted = ImpactRequest(repository=repository, targets=(f"{one.path}::{one.symbol}",), limit=LIMIT)
    yield rows + impact(await patiently(lambda: client.impact(wanted), busy), LIMIT)


async def symbol_at(client: Client, root: Path, path: str, name: str) -> IndexSymbol | None:
    """Return the definition of a name in a file, None when it is there no longer; raises RatchetError."""
    answer = await client.symbols(str(root), name, limit=LIMIT, age=_AGE)
    return next((one for one in answer.symbols if one.path == path), None)
