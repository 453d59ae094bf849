"""Uses of a name as places of the editor's buffers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agent.protocol.index import IndexReference, IndexSymbol
from lsp.navigation.places import Shown
from lsp.navigation.symbols import spans

Location = dict[str, Any]
Files = Mapping[str, Shown | None]
"""By the path in the repository; None for what cannot be read."""


def uses(references: Iterable[IndexReference], name: str, files: Files) -> Iterator[Location]:
    """Yield where a name is used, but for lines that were edited since."""
    for one in references:
        file = files.get(one.path)
        line = file.line(one.line) if file is not None else None
        if file is not None and line is not None and (place := file.word(name, line, one.column)) is not None:
            yield {"uri": file.uri, "range": place}


def declarations(symbols: Iterable[IndexSymbol], files: Files) -> Iterator[Location]:
    """Yield where a name is defined."""
    for one in symbols:
        file = files.get(one.path)
        if file is not None:
            yield {"uri": file.uri, "range": spans(one, file)[1]}
