"""Which one definition a change lies within."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from agent.patches.document import Line
from agent.patches.rendering.change import Change, changed_lines


class Definition(NamedTuple):
    """A definition of a file: its qualified name and its byte span, decorators included."""

    name: str
    start: int
    end: int


Definitions = Callable[[str, bytes], Sequence[Definition]]
"""(path, content) -> all definitions of a file, in any order."""


def no_definitions(path: str, content: bytes) -> Sequence[Definition]:
    """Return that nothing is known of a file's definitions."""
    return ()


def changed_definition(change: Change, definitions: Definitions) -> tuple[str, tuple[Line, ...]] | None:
    """Return the smallest definition that holds the whole change, with its new lines; None if none does."""
    if change.before is None or change.after is None:
        return None
    places = [*changed_lines(change.before, change.after, 0)]
    if not places:
        return None
    first, last = places[0].old_start, places[-1].old_start + len(places[-1].old)
    content = change.before.content
    known = definitions(change.path, content)
    names = [known_one.name for known_one in known]
    fitting: list[tuple[int, int, str]] = []
    for name, start, end in known:
        top = content.count(b"\n", 0, start)
        bottom = content.count(b"\n", 0, max(start, end - 1)) + 1
        # At its borders a change may as well be outside of the definition.
        if top < first and last < bottom and names.count(name) == 1:
            fitting.append((top, bottom, name))
    if not fitting:
        return None
    top, bottom, name = max(fitting)
    grown = len(change.after.lines) - len(change.before.lines)
    return name, change.after.lines[top : bottom + grown]
