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
    lines = text.split("\n")
    tokens = _parser().parse(text)
    for opening, inline in zip(tokens, [*tokens[1:], None], strict=False):
        if opening.level or opening.map is None or opening.type in ("blockquote_open", "html_block"):
            continue
        yield from _lines(lines, opening, inline)


def _lines(lines: list[str], opening: Token, inline: Token | None) -> Iterator[Line]:
    assert opening.map is not None
    commands = opening.type == "paragraph_open" and inline is not None and _is_plain(inline)
    for line in lines[opening.map[0] : opening.map[1]]:
        yield Line(line.strip() if commands else line, commands)
    yield Line("", False)


def _is_plain(inline: Token) -> bool:
    """Say whether each line of the source is a line of the paragraph: no code or tag goes over several."""
    breaks = sum(child.type in ("softbreak", "hardbreak") for child in inline.children or ())
    return breaks == inline.content.count("\n")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": True}).enable([*_RULES])
