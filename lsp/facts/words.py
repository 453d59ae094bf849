"""How tasks and tests are called in one line for people."""

from collections.abc import Sequence

from lsp.showing.plain import one_line

LONGEST = 400


def short_id(task_id: str) -> str:
    """Return the end of a task's id, which tells it from the others of its day."""
    return task_id.rpartition("-")[2]


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(one_line(name, 120) for name in names[:most]) + more


def counted(number: int, noun: str) -> str:
    """Return a number of things."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
