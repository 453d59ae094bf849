"""Markdown that others wrote, laid out in lines: nothing in it is hidden, loaded or followed."""

import io
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from rich.console import Console
from rich.markdown import Heading, Markdown, MarkdownElement
from rich.style import Style
from rich.text import Text
from rich.theme import Theme
from textual.color import Color, ColorParseError
from textual.strip import Strip

from tui.safe import shown

MOST = 32_000
"""Characters up to which a text is laid out as Markdown; what is longer is output rather than speech."""
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_STYLES = {
    "markdown.h1": "bold underline $primary",
    "markdown.h2": "bold $primary",
    "markdown.h3": "bold $secondary",
    "markdown.h4": "bold italic",
    "markdown.code": "bold $accent",
    "markdown.code_block": "$accent",
    "markdown.block_quote": "italic $secondary",
    "markdown.list": "",
    "markdown.item.number": "$accent",
    "markdown.item.bullet": "bold $accent",
    "markdown.link": "underline $primary",
    "markdown.link_url": "underline $secondary",
    "markdown.table.border": "$secondary",
    "markdown.table.header": "bold $primary",
}


class _Heading(Heading):
    def __rich_console__(self, *_: object) -> Iterator[Text]:
        self.text.justify = "left"
        yield self.text


class _Prose(Markdown):
    """What looks like HTML is text: the reader has to see all that was written."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "heading_open": _Heading}

    def __init__(self, text: str, code_theme: str) -> None:
        super().__init__(text, code_theme=code_theme, hyperlinks=False)
        for token in self._flatten_tokens(self.parsed):
            # References such as `&#27;` are characters only now.
            token.content = shown(token.content)
            if "href" in token.attrs:
                token.attrs["href"] = shown(str(token.attrs["href"]))
            if token.type == "html_inline":
                token.type = "text"
            elif token.type == "html_block":
                token.type, token.tag = "code_block", "code"


class Typesetter:
    """Lays out Markdown in the colours of one theme, at one width."""

    def __init__(self, width: int, colours: Mapping[str, str], *, dark: bool) -> None:
        self.width = width
        self._code = "ansi_dark" if dark else "ansi_light"
        theme = Theme({name: _style(text, colours) for name, text in _STYLES.items()})
        self._console = Console(
            file=io.StringIO(), width=width, theme=theme, color_system="truecolor", force_terminal=True
        )

    def lines(self, text: str) -> list[Strip]:
        """Return outside text as lines of at most the width."""
        options = self._console.options.update(highlight=False)
        prose = _Prose(shown(text), self._code)
        laid_out = self._console.render_lines(prose, options, pad=False)
        strips = [Strip(line) for line in laid_out]
        said = [number for number, strip in enumerate(strips) if strip.text.strip()]
        return strips[said[0] : said[-1] + 1] if said else []


def pieces(text: str) -> list[str]:
    """Cut Markdown into parts that can be laid out one by one, so that of a growing text only the last is.

    A part ends at an empty line outside of code, after which nothing goes on that began before.
    """
    found: list[list[str]] = [[]]
    fence, empty = "", False
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and line.strip().startswith(fence) and not line.strip(" `~") else fence
        else:
            if empty and _begins(line):
                found.append([])
            fence = mark[1] if mark else ""
        found[-1].append(line)
        empty = not fence and not line.strip()
    return ["\n".join(one) for one in found]


def _begins(line: str) -> bool:
    """Say whether a line after an empty one belongs to nothing before it: lists go on over empty lines."""
    return (
        bool(line)
        and not line[0].isspace()
        and not line.startswith(("-", "*", "+", ">"))
        and not line[0].isdigit()
    )


def _style(text: str, colours: Mapping[str, str]) -> Style:
    found = Style()
    for word in text.split():
        found += _colour(colours.get(word[1:], "")) if word.startswith("$") else Style.parse(word)
    return found


def _colour(value: str) -> Style:
    """Return the style of a theme's colour; of one that names none, as in a terminal's own theme, none."""
    try:
        return Style(color=Color.parse(value).rich_color)
    except ColorParseError:
        return Style()
