"""Changes as search/replace blocks, and as whole files or definitions in fences."""

import re
from collections.abc import Iterable, Sequence

from agent.patches.document import Document, Line
from agent.patches.rendering.change import Change, changed_lines, raw_lines
from agent.patches.rendering.symbols import Definitions, changed_definition

_SIGNS = re.compile(r"^(?:(<{5,40}) ?SEARCH>?|(={5,40})|(>{5,40}) ?REPLACE)\s*$")
_TICKS = re.compile(r"^ {0,3}(`{3,})")


def search_replace_text(changes: Iterable[Change], context: int) -> str:
    """Return the changes as search/replace blocks with so many lines around each change."""
    parts: list[str] = []
    for change in changes:
        if change.after is None:
            parts.append(_removal(change.path))
        elif change.before is None or not change.before.lines:
            parts.append(_block(change.path, [], raw_lines(change.after.lines, change.after.charset)))
        else:
            charset = change.before.charset
            for place in changed_lines(change.before, change.after, context):
                old, new = raw_lines(place.old, charset), raw_lines(place.new, charset)
                parts.append(_block(change.path, old, new))
    return "\n".join(parts)


def whole_file_text(changes: Iterable[Change], context: int) -> str:
    """Return the changes as whole files."""
    return "\n".join(_file(change) for change in changes)


def symbol_text(changes: Iterable[Change], definitions: Definitions) -> str:
    """Return the changes as whole definitions where each is within one, else as whole files."""
    parts: list[str] = []
    for change in changes:
        found = changed_definition(change, definitions)
        if found is None:
            parts.append(_file(change))
        else:
            name, lines = found
            parts.append(_fenced(f"{change.path}::{name}", _raw(lines, change.before)))
    return "\n".join(parts)


def _raw(lines: Sequence[Line], document: Document | None) -> list[str]:
    return raw_lines(lines, document.charset if document else "utf-8")


def _file(change: Change) -> str:
    if change.after is None:
        return _removal(change.path)
    lines = raw_lines(change.after.lines, change.after.charset)
    # Reading keeps a missing newline missing; a blank line more gives the file one.
    gains_newline = change.before and change.before.is_bare and not change.after.is_bare
    return _fenced(change.path, [*lines, ""] if gains_newline and lines else lines)


def _removal(path: str) -> str:
    return f"*** Delete File: {path}\n"


def _fenced(name: str, lines: Sequence[str]) -> str:
    """Return the lines in a fence longer than any in them, and than those of Markdown."""
    longest = max((len(found[1]) for line in lines if (found := _TICKS.match(line))), default=3)
    fence = "`" * (longest + 1)
    return "\n".join([_named(name), fence, *lines, fence, ""])


def _block(path: str, search: Sequence[str], replace: Sequence[str]) -> str:
    taken = {
        len(next(filter(None, found.groups())))
        for line in (*search, *replace)
        if (found := _SIGNS.match(line))
    }
    # Lengths from 5 to 9 stand for one another, so that code with one of them needs a longer one.
    sizes = [7, *range(10, 41)] if not taken.intersection(range(5, 10)) else range(10, 41)
    size = next((size for size in sizes if size not in taken), 7)
    head, divider, tail = "<" * size + " SEARCH", "=" * size, ">" * size + " REPLACE"
    return "\n".join([_named(path), head, *search, divider, *replace, tail, ""])


def _named(path: str) -> str:
    plain = re.fullmatch(r"[\w./+@:-]+[\w/+@-]", path, re.ASCII)
    return path if plain else f"`{path}`"
