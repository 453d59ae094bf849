"""Uses of a name as places of the editor's buffers."""

from collections.abc import Iterable, Iterator, Mapping

from lsprotocol import types

from agent.protocol.index import IndexReference, IndexSymbol
from lsp.navigation.places import Shown
from lsp.navigation.symbols import spans

Files = Mapping[str, Shown | None]
"""By the path in the repository; None for what cannot be read."""


def uses(references: Iterable[IndexReference], name: str, files: Files) -> Iterator[types.Location]:
    """Yield where a name is used, but for lines that were edited since."""
    for one in references:
        file = files.get(one.path)
        line = file.line(one.line) if file is not None else None
        if file is not None and line is not None and (place := file.word(name, line, one.column)) is not None:
            yield types.Location(file.uri, place)


def declarations(symbols: Iterable[IndexSymbol], files: Files) -> Iterator[types.Location]:
    """Yield where a name is defined."""
    for one in symbols:
        file = files.get(one.path)
        if file is not None:
            yield types.Location(file.uri, spans(one, file)[1])
