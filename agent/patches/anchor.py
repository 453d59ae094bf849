"""Where searched lines stand in a file: equal ones first, then ones that differ harmlessly."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.patches.document import BOM, Document

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `start:end` of a file, and how the searched lines differ from them."""

    start: int
    end: int
    add: str = ""
    """Indentation that the file has and the searched lines lack."""
    remove: str = ""
    """Indentation that the searched lines have and the file lacks."""
    head: int = 0
    """Blank lines at the start of the searched ones that the file does not have."""
    tail: int = 0


def find_places(document: Document, search: Sequence[str], floor: int = 0) -> tuple[Place, ...]:
    """Return all places at the best level of likeness, from line `floor` on; none when none is like it.

    Levels: equal; equal but for trailing white space; indented alike but for one common prefix;
    equal but for typographic quotes, dashes and spaces. Then the same without blank lines around.
    """
    for head, tail in _trims(search):
        wanted = list(search[head : len(search) - tail])
        for view in document.views():
            for level in (_equal, _trailing, _indented, _lookalike):
                if found := tuple(level(_without_bom(view, wanted), wanted, floor)):
                    return tuple(Place(p.start, p.end, p.add, p.remove, head, tail) for p in found)
    return ()


def _without_bom(view: list[str], wanted: Sequence[str]) -> list[str]:
    if view and view[0].startswith(BOM) and not wanted[0].startswith(BOM):
        return [view[0].removeprefix(BOM), *view[1:]]
    return view


def _trims(search: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield how many blank lines to leave out before and after; never all lines."""
    yield 0, 0
    filled = [number for number, text in enumerate(search) if text.strip()]
    if not filled:
        return
    head, tail = filled[0], len(search) - 1 - filled[-1]
    yield from ((h, t) for h, t in ((head, 0), (0, tail), (head, tail)) if h or t)


def _runs(keys: list[str], wanted: list[str], floor: int) -> Iterator[int]:
    last = len(keys) - len(wanted)
    start = floor
    while start <= last:
        try:
            start = keys.index(wanted[0], start, last + 1)
        except ValueError:
            return
        if keys[start : start + len(wanted)] == wanted:
            yield start
        start += 1


def _equal(view: list[str], wanted: list[str], floor: int) -> Iterator[Place]:
    return (Place(start, start + len(wanted)) for start in _runs(view, wanted, floor))


def _trailing(view: list[str], wanted: list[str], floor: int) -> Iterator[Place]:
    return _equal(*_mapped(view, wanted, str.rstrip), floor)


def _lookalike(view: list[str], wanted: list[str], floor: int) -> Iterator[Place]:
    if "".join(view).isascii() and "".join(wanted).isascii():
        return iter(())
    return _equal(*_mapped(view, wanted, lambda text: text.translate(_LOOKALIKES).rstrip()), floor)


def _mapped(view: list[str], wanted: list[str], key: Callable[[str], str]) -> tuple[list[str], list[str]]:
    return [key(text) for text in view], [key(text) for text in wanted]


def _indented(view: list[str], wanted: list[str], floor: int) -> Iterator[Place]:
    keys, bare = _mapped(view, wanted, str.strip)
    if not any(bare):
        return
    for start in _runs(keys, bare, floor):
        end = start + len(wanted)
        if shift := _shift(view[start:end], wanted):
            yield Place(start, end, *shift)


def _shift(view: Sequence[str], wanted: Sequence[str]) -> tuple[str, str] | None:
    """Return what every filled line has more (or less) in front; None when lines disagree."""
    margins = {
        (_margin(there), _margin(asked)) for there, asked in zip(view, wanted, strict=True) if asked.strip()
    }
    there, asked = next(iter(margins))
    add = there[: len(there) - len(asked)] if there.endswith(asked) else None
    remove = asked[: len(asked) - len(there)] if asked.endswith(there) else None
    if add is not None and all(t == add + a for t, a in margins):
        return add, ""
    if remove is not None and all(a == remove + t for t, a in margins):
        return "", remove
    return None


def _margin(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
