"""A comment as its reader sees it, by lines: what is quoted, code or hidden is told from what is said."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.untrusted.clean import clean

_RULES = (
    *("blockquote", "code", "fence", "heading", "hr", "html_block", "lheading", "list", "table", "reference"),
    *("backticks", "escape", "html_inline", "newline"),
)


class Line(NamedTuple):
    """A line to be read; only one of a paragraph of the comment's own can be a command."""

    text: str
    commands: bool


def visible_lines(body: str) -> Iterator[Line]:
    """Yield the lines that the author says, in order (CommonMark 0.31 with tables of GFM).

    Quotations, HTML and what cannot be seen are left out; code, lists and headings hold no command.
    """
    text = clean(body, rendered=True).text
    tokens = _parser().parse(text)
    others = _others(tokens)
    lines = [None if number in others else line for number, line in enumerate(text.split("\n"))]
    for opening, inline in zip(tokens, [*tokens[1:], None], strict=False):
        if not opening.level and opening.map is not None:
            commands = opening.type == "paragraph_open" and inline is not None and _is_plain(inline)
            yield from _said(lines[opening.map[0] : opening.map[1]], commands)


def _others(tokens: list[Token]) -> set[int]:
    """Return the lines of quotations and HTML, at whatever depth."""
    found = [one.map for one in tokens if one.type in ("blockquote_open", "html_block") and one.map]
    return {number for first, end in found for number in range(first, end)}


def _said(lines: list[str | None], commands: bool) -> Iterator[Line]:
    for line in lines:
        if line is not None:
            yield Line(line.strip() if commands else line, commands)
    yield Line("", False)


def _is_plain(inline: Token) -> bool:
    """Say whether each line of the source is a line of the paragraph: no code or tag goes over several."""
    breaks = sum(child.type in ("softbreak", "hardbreak") for child in inline.children or ())
    return breaks == inline.content.count("\n")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": True}).enable([*_RULES])
