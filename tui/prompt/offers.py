"""What may be meant by a part of something: commands, tasks, models, files and symbols."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from agent.protocol.errors import RatchetError
from agent.protocol.index import IndexSymbol
from agent.protocol.task import TaskKind
from tui.desk import Desk
from tui.orders.commands import COMMANDS, OPTIONS
from tui.prompt.choices import Choice
from tui.prompt.completing import Sort, Wanted
from tui.prompt.files import files_of
from tui.prompt.fuzzy import Names, distance
from tui.prompt.symbols import symbols_in, symbols_like

MOST = 20
_FRESH_SECONDS = 20.0
_PAUSE = 0.1
"""Seconds without a key after which the index is asked."""
_SYMBOL_AGE = 60.0
"""Seconds for which a list of symbols may be late; it is much faster then."""
_AUTO = "auto"


class Offers:
    """Finds them; keeps the names of files for a while."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._files: Names | None = None
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def of(self, wanted: Wanted) -> AsyncIterator[list[Choice]]:
        """Yield what is offered for a part, and again when more is known."""
        match wanted.sort:
            case Sort.COMMAND:
                yield _commands(wanted.part)
            case Sort.USAGE:
                yield _usage(wanted.part)
            case Sort.TASK:
                yield self._tasks(wanted.part)
            case Sort.MODEL:
                yield self._models(wanted.part)
            case Sort.MENTION:
                async for offered in self._mentioned(wanted.part):
                    yield offered

    def _tasks(self, part: str) -> list[Choice]:
        if not part:
            # Enter is then for the task that is looked at, and not for whichever stands first.
            return []
        fitting = (one for one in self._desk.feed.tasks() if part in one.task_id)
        return [
            Choice(one.task_id, one.task_id, f"{one.kind} {one.outcome or one.status}")
            for one, _ in zip(fitting, range(MOST), strict=False)
        ]

    def _models(self, part: str) -> list[Choice]:
        known = {_AUTO: "as the settings say"}
        known |= {name: one.model for name, one in self._desk.settings.models.items()}
        return [Choice(name, name, known[name]) for name in Names(tuple(known)).matching(part, MOST)]

    async def _mentioned(self, part: str) -> AsyncIterator[list[Choice]]:
        root = self._desk.repository
        if root is None:
            yield [Choice("", "files and symbols: this is in no git repository")]
            return
        path, colons, name = part.partition("::")
        if colons:
            yield await self._symbols_in(root, path, name)
            return
        files = [(distance(path, part), _file(path)) for path in await self._files_like(root, part)]
        yield [one for _, one in files]
        if part and "/" not in part:
            await asyncio.sleep(_PAUSE)
            symbols, remark = await self._symbols_like(root, part)
            rated = [(distance(one.symbol, part), _symbol(one)) for one in symbols]
            both = sorted([*files, *rated], key=lambda pair: pair[0])
            yield [*(one for _, one in both[:MOST]), *remark]

    async def _files_like(self, root: Path, part: str) -> list[str]:
        if time.monotonic() - self._read_at > _FRESH_SECONDS and self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read(root))
        if self._files is None and self._reading is not None:
            # Whoever types on does not begin it anew.
            await asyncio.shield(self._reading)
        return self._files.matching(part, MOST) if self._files is not None else []

    async def _read(self, root: Path) -> None:
        try:
            self._files = await asyncio.to_thread(lambda: Names(files_of(root)))
        finally:
            self._read_at, self._reading = time.monotonic(), None

    async def _symbols_in(self, root: Path, path: str, name: str) -> list[Choice]:
        if self._desk.client is None:
            return []
        try:
            return [_symbol(one) for one in await symbols_in(self._desk.client, root, path, name, MOST)]
        except RatchetError as error:
            return [Choice("", error.message)]

    async def _symbols_like(self, root: Path, part: str) -> tuple[Sequence[IndexSymbol], list[Choice]]:
        if self._desk.client is None:
            return (), []
        try:
            return await symbols_like(self._desk.client, root, part, MOST, age=_SYMBOL_AGE), []
        except RatchetError as error:
            return (), [Choice("", error.message)]


def _commands(part: str) -> list[Choice]:
    return [
        Choice(f"/{one.name}", f"/{one.name:<10}{one.does}", one.takes, is_all=not one.takes)
        for one in COMMANDS.values()
        if one.name.startswith(part.lower())
    ]


def _usage(name: str) -> list[Choice]:
    known = COMMANDS.get(name)
    if known is None or not known.takes:
        return []
    options = f"options: {' '.join(OPTIONS)}" if name in tuple(TaskKind) else known.does
    return [Choice("", known.usage, options)]


def _file(path: str) -> Choice:
    # Blanks would end what is mentioned.
    return Choice(f'"{path}"' if " " in path else f"@{path}", path)


def _symbol(one: IndexSymbol) -> Choice:
    return Choice(f"@{one.path}::{one.symbol}", one.symbol, f"{one.kind} · {one.path}:{one.start}")
