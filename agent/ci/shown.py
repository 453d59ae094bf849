"""Outside text made fit for CI: no secrets, nothing hidden, nothing that Markdown or a log acts on."""

import re

from agent.untrusted.fences import fenced, span
from agent.untrusted.guard import guard
from agent.untrusted.spell import spell, spell_line

# The runner ends a line at either.
_LINE = re.compile(r"[^\r\n]+")
_V2 = re.compile(r"^(\s*):(?=:)")


def line(text: str, width: int = 200) -> str:
    """Return a text on one line of at most `width` characters, redacted."""
    return spell_line(guard(text).text, width)


def lines(text: str) -> str:
    """Return a text of several lines, redacted."""
    return spell(guard(text).text)


def code(text: str, width: int = 200) -> str:
    """Return a text as a Markdown code span, in which nothing is a link, a mention, HTML or a reference."""
    return span(line(text, width) or " ")


def code_block(text: str, language: str = "") -> str:
    """Return a text of several lines as a fenced block that it cannot end, redacted."""
    return fenced(lines(text).rstrip("\n"), language)


def quiet(text: str) -> str:
    """Return a text for a log of GitHub's runner, in which the runner finds no command of its own.

    It acts on lines that begin with `::` and on `##[` anywhere. A line of JSON stays the same JSON.
    """
    return _LINE.sub(_quiet_line, text)


def _quiet_line(found: "re.Match[str]") -> str:
    text = found.group()
    if text.startswith("{"):
        return text.replace("##[", "\\u0023#[")
    return _V2.sub(r"\1: ", text.replace("##[", "# #["))
