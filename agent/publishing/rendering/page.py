"""Puts sections together to what a forge takes as one text."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

LIMIT = 65_535
"""Most bytes of a comment, a review or the summary of a check run on GitHub, which counts characters."""
_LEFT_OUT = "_More is left out here: it would be longer than a comment may be._"
_ROOM = len(_LEFT_OUT) + 2

T = TypeVar("T")


def page(sections: Iterable[str], limit: int = LIMIT) -> str:
    """Return the sections one below the other; the first that does not fit and all after it are left out."""
    taken: list[str] = []
    left = limit - _ROOM
    for section in filter(None, sections):
        left -= len(section.encode("utf-8", "replace")) + 2
        if left < 0:
            taken.append(_LEFT_OUT)
            break
        taken.append(section)
    return "\n\n".join(taken) + "\n"


def folded(summary: str, *sections: str) -> str:
    """Return sections that open on a click; `summary` is our own text, without anything from outside."""
    inside = "\n\n".join(filter(None, sections))
    return f"<details>\n<summary>{summary}</summary>\n\n{inside}\n\n</details>" if inside else ""


def table(head: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    """Return a table of words of ours and numbers."""
    lines = [
        f"| {head[0]} | {head[1]} |",
        "| :-- | --: |",
        *(f"| {name} | {value} |" for name, value in rows),
    ]
    return "\n".join(lines) if rows else ""


def listed(found: Sequence[T], written: Callable[[T], str], most: int = 20) -> str:
    """Return a list of the first of what was found, each as it is written, and how many more there are."""
    shown = [f"- {written(one)}" for one in found[:most]]
    return "\n".join([*shown, *([f"- and {len(found) - most} more"] if len(found) > most else [])])


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"
