"""Outside text made fit for CI: no secrets, nothing hidden, nothing that Markdown or a log acts on."""

import re

from agent.untrusted.guard import guard
from agent.untrusted.spell import spell, spell_line

_BACKTICKS = re.compile("`+")
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
    """Return a text as a Markdown code span, in which nothing is a link, a mention, HTML or a reference.

    Not for cells of tables, where renderers disagree on what escapes a bar (CommonMark 6.1, GFM 4.10).
    """
    inside = line(text, width) or " "
    fence = "`" * (_longest_run(inside) + 1)
    # Without the spaces a backtick at an end would belong to the fence.
    edge = " " if inside.startswith("`") or inside.endswith("`") else ""
    return f"{fence}{edge}{inside}{edge}{fence}"


def fenced(text: str, language: str = "") -> str:
    """Return a text as a fenced block that it cannot end (CommonMark 4.5)."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


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


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
