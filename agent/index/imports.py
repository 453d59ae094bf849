"""Imports of a file from the captures of its query."""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from agent.index.definitions import Captures

ImportRow = tuple[str, str, str, int]
"""The fields of `Import` in their order."""

_QUOTES = "\"'`<>"


def imports(source: bytes, captures: Captures) -> list[ImportRow]:
    """Return one row for each name that an import statement binds."""
    pieces = sorted(
        (
            (node.start_byte, capture.partition(".")[2], node)
            for capture in _PIECES
            for node in captures.get(capture, ())
        ),
        key=lambda piece: piece[0],
    )
    rows: list[ImportRow] = []
    place = 0
    for statement in sorted(captures.get("import", ()), key=lambda node: node.start_byte):
        own = []
        while place < len(pieces) and pieces[place][0] < statement.end_byte:
            if pieces[place][0] >= statement.start_byte:
                own.append((pieces[place][1], _text(source, pieces[place][2])))
            place += 1
        rows += _bound(own, statement.start_point.row + 1)
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


def _text(source: bytes, node: Node) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace").strip(_QUOTES)
