"""Whole files and whole definitions: a path (or path::Name), then its text in a fence."""

from agent.patches.block import block_of
from agent.patches.intent import Intent, ReplaceSymbol, WholeFile
from agent.patches.parsing.fences import Fenced, fenced_blocks
from agent.patches.parsing.malformed import malformed
from agent.patches.parsing.named import directive, named_path

_MARKDOWN = (".md", ".mdx", ".markdown", ".rst")
_HINT = "write the path alone on the line above the fence"


def parse_whole_file(text: str) -> tuple[Intent, ...]:
    """Return the files of a text; raises PatchRefused."""
    return _parse(text, symbols=False)


def parse_symbol(text: str) -> tuple[Intent, ...]:
    """Return the definitions and files of a text; raises PatchRefused."""
    return _parse(text, symbols=True)


def _parse(text: str, symbols: bool) -> tuple[Intent, ...]:
    found: list[Intent] = []
    before: Fenced | None = None
    for part in fenced_blocks(text.split("\n")):
        if isinstance(part, Fenced):
            _refuse_torn(before, part)
            before = part
            if intent := _intent(part, symbols):
                found.append(intent)
        elif asked := directive(part):
            found.append(asked)
    return tuple(found)


def _refuse_torn(before: Fenced | None, block: Fenced) -> None:
    """Refuse two blocks that may be one Markdown file, whose own fence would have closed the outer one."""
    if before and len(before.signs) == 3 and not block.info and _path(before).endswith(_MARKDOWN):
        raise malformed(
            f"the fence of line {block.number} may be part of the Markdown file before it",
            "put four or more backticks around a Markdown file",
        )


def _intent(block: Fenced, symbols: bool) -> Intent | None:
    path = _path(block)
    if not path:
        # Examples and commands are fenced too; only one without a language may be a stray half of a file.
        if not block.info:
            raise malformed(f"no path stands above the fence of line {block.number}", _HINT)
        return None
    name, colons, symbol = path.rpartition("::")
    if symbols and colons:
        if not name or not symbol:
            raise malformed(f"`{path}` is not of the form path::Name", _HINT)
        return ReplaceSymbol(name, symbol, block_of(block.lines))
    return WholeFile(path, block_of(block.lines))


def _path(block: Fenced) -> str:
    if path := named_path(block.above):
        return path
    words = block.info.split()
    return named_path(words[-1]) if words and ("/" in words[-1] or "." in words[-1]) else ""
