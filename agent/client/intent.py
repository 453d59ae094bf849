"""What a request is meant to change, as far as its first word says so."""

import re

from agent.protocol.task import Intent

_FIRST = re.compile(r"^\W*(?:please\s+)?([a-z-]+)", re.IGNORECASE)
_REFACTOR = frozenset(
    {
        "refactor",
        "rename",
        "extract",
        "inline",
        "move",
        "split",
        "merge",
        "simplify",
        "restructure",
        "reorganize",
        "deduplicate",
        "modernize",
    }
)
_DOCUMENT = frozenset({"document", "docstring", "docstrings", "comment", "describe", "reword"})


def intent_of(goal: str) -> Intent:
    """Return the intent of a goal; whatever does not begin like another one is to be implemented."""
    found = _FIRST.match(goal)
    word = found[1].lower() if found else ""
    if word in _REFACTOR:
        return Intent.REFACTOR
    return Intent.DOCUMENT if word in _DOCUMENT else Intent.IMPLEMENT
