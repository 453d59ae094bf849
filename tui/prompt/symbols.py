"""Symbols of the index whose name fits what was typed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.client.client import Client
from agent.protocol.index import IndexSymbol
from tui.prompt.fuzzy import Names

_FEW = 3
_PREFIX = 2
_WIDE = 1000


async def symbols_like(
    client: Client, root: Path, part: str, most: int, *, age: float
) -> Sequence[IndexSymbol]:
    """Return symbols with a text in their name, nearest first, or, when few have it, with its letters.

    Of the latter the first two stand together, which is what the index can be asked for.
    `age` is for how many seconds the answer may be late. Raises RatchetError, of the code `index-busy` while
    the index is being built.
    """
    answer = await client.symbols(str(root), part=part, limit=most, age=age)
    found = [one for one in answer.symbols if _is_plain(one)]
    if len(found) >= _FEW or len(part) <= _PREFIX:
        return found
    near = await client.symbols(str(root), part=part[:_PREFIX], limit=_WIDE, age=age)
    return tuple(dict.fromkeys((*found, *fitting(near.symbols, part, most))))


async def symbols_in(client: Client, root: Path, path: str, name: str, most: int) -> Sequence[IndexSymbol]:
    """Return symbols of a file with the letters of a name; raises RatchetError."""
    return fitting((await client.symbols(str(root), path, age=60.0)).symbols, name, most)


def fitting(symbols: Iterable[IndexSymbol], name: str, most: int) -> Sequence[IndexSymbol]:
    """Return the symbols with the letters of a name in their order, best first."""
    by_name: dict[str, list[IndexSymbol]] = {}
    for one in symbols:
        if _is_plain(one):
            by_name.setdefault(one.symbol, []).append(one)
    return [one for found in Names(tuple(by_name)).matching(name, most) for one in by_name[found]][:most]


def _is_plain(one: IndexSymbol) -> bool:
    """Say whether what a symbol is called, and where it is, can be written in one line."""
    return one.symbol.isprintable() and one.path.isprintable()
