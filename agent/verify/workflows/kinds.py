"""With what kind of error a test failed, where a log or a result says it."""

import re
from collections.abc import Iterable

from agent.verify.workflows.failing_tests import dotted, failing_tests

_KIND = re.compile(r"(?:[A-Za-z_]\w{0,80}\.){0,8}([A-Z]\w{0,80})(?=:|$)")


def kind_of(message: str) -> str:
    """Return the name of the exception that a message begins with, "" where it says none."""
    text = message.strip()
    if text.startswith("assert "):
        return "AssertionError"
    match = _KIND.match(text)
    return match[1] if match and not text.endswith(("...", "…")) else ""


def kinds_in(lines: Iterable[str]) -> dict[str, set[str]]:
    """Return the kinds of error that lines of a summary say of tests, by dotted name."""
    found: dict[str, set[str]] = {}
    for line in lines:
        for name in failing_tests([line]):
            kind = kind_of(line.partition(f"{name} - ")[2])
            if kind:
                found.setdefault(dotted(name), set()).add(kind)
    return found
