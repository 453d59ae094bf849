"""Imports of a file from the captures of its query."""

from collections.abc import Iterator, Sequence

from agent.index.definitions import Captures

ImportRow = tuple[str, str, str, int]
"""The fields of `Import` in their order."""

_QUOTES = "\"'`<>"


def imports(source: bytes, captures: Captures) -> list[ImportRow]:
    """Return one row for each name that an import statement binds."""
    if "import" not in captures:
        return []
    pieces = [
        (node.start_byte, node.end_byte, capture.partition(".")[2])
        for capture in _PIECES
        for node in captures.get(capture, ())
    ]
    pieces.sort()
    rows: list[ImportRow] = []
    place = 0
    statements = sorted((node.start_byte, node.end_byte, node.start_point[0]) for node in captures["import"])
    for start, end, row in statements:
        own = []
        while place < len(pieces) and pieces[place][0] < end:
            first, last, role = pieces[place]
            if first >= start:
                own.append((role, source[first:last].decode("utf-8", "replace").strip(_QUOTES)))
            place += 1
        rows += _bound(own, row + 1)
    return rows


_PIECES = ("import.module", "import.name", "import.alias")


def _bound(pieces: Sequence[tuple[str, str]], line: int) -> Iterator[ImportRow]:
    modules = [text for role, text in pieces if role == "module"]
    if any(role == "name" for role, _ in pieces):
        module = modules[0] if modules else ""
        for text, alias in _aliased(pieces, "name"):
            yield (module, text, "" if text == "*" else alias or text, line)
        return
    for text, alias in _aliased(pieces, "module"):
        yield (text, "", alias or _default_binding(text), line)


def _aliased(pieces: Sequence[tuple[str, str]], role: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a role, each with the alias that follows it before the next."""
    waiting = ""
    for kind, text in pieces:
        if kind == role:
            if waiting:
                yield waiting, ""
            waiting = text
        elif kind == "alias" and waiting:
            yield waiting, text
            waiting = ""
    if waiting:
        yield waiting, ""


def _default_binding(module: str) -> str:
    return module.partition(".")[0]
