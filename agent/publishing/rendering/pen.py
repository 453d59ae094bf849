"""Writes outside text so that Markdown shows it, and does nothing else with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.untrusted.fences import fenced, span
from agent.untrusted.guard import guard

_NAME, _LINE, _PROSE, _BLOCK = 240, 400, 6_000, 20_000
_EMPTY = "(empty)"
_ESCAPED = re.compile(r"([!#$()*+\-.:=@\[\\\]^_`{|}~])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SPAN = re.compile(r"(?<!`)(`{1,8})(?!`)([^`\n]{1,400})(?<!`)\1(?!`)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# What a forge makes something of in plain text: mentions, references (`#1`, `GH-1`, `!1`, `o/r#1`, commits),
# addresses, emoji, math and the marks of GitLab for labels, milestones and epics.
_LIVE = re.compile(
    r"[@#$\uff20\uff03]|[!%&~]\w|://|:[\w+-]+:|(?i:GH-\d|www\.|(?:mailto|xmpp):)"
    r"|(?<![0-9A-Za-z])[0-9a-fA-F]{7,64}(?![0-9A-Za-z])"
)
# GitLab and Gitea look for these in the source of a description, within code, too.
_CLOSING = re.compile(
    r"(?i)\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?|reopen(?:s|ed)?)"
    r"\b[\s:]{0,8}(?=\S{0,200}?(?:#|://|!\d|GH-))"
)


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes text of others into Markdown; `known` are secrets to be cut out wherever they appear.

    Nothing written mentions, refers, closes, links or embeds, and none of it ends or begins a block:
    what a forge would act on stands in code, all other punctuation is escaped (CommonMark 0.31, GFM 0.29).
    """

    known: frozenset[str] = frozenset()

    def line(self, text: str, width: int = _LINE) -> str:
        """Return text as one line of words; what was code in it is code."""
        return _words(_flat(self._safe(text), width)) or _EMPTY

    def code(self, text: str, width: int = _NAME) -> str:
        """Return a name, a path or a message as code on one line."""
        return _spans(_flat(self._safe(text), width)) or f"`{_EMPTY}`"

    def title(self, text: str, width: int = 72) -> str:
        """Return one line for where Markdown is not read, but references are: a title, a subject."""
        flat = _flat(self._safe(text).replace("`", "'"), width)
        parts = (f"`{word}`" if _LIVE.search(word) else word for word in flat.split(" "))
        return " ".join(parts) or _EMPTY

    def plain(self, text: str, width: int = _PROSE) -> str:
        """Return text for where nothing is read into it: lines stay lines."""
        return _cut(self._safe(text).strip(), width)

    def prose(self, text: str, width: int = _PROSE) -> str:
        """Return paragraphs; fenced code stays so, without the name of a language."""
        return "\n".join(_paragraphs(_cut(self._safe(text), width).split("\n"))).strip() or _EMPTY

    def block(self, text: str, language: str = "", width: int = _BLOCK) -> str:
        """Return a block of code; `language` is ours."""
        return fenced(_cut(self._safe(text), width), language)

    def tail(self, text: str, width: int) -> str:
        """Return the end of a log as a block of code."""
        safe = self._safe(text)
        return fenced(safe if len(safe) <= width else f"…{safe[1 - width :]}")

    def keeps(self, text: str) -> bool:
        """Say whether text can be shown to the letter: nothing hidden and no secret is in it."""
        return self._safe(text) == text

    def _safe(self, text: str) -> str:
        return guard(text, self.known).text


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Yield the lines of prose, those within fences as blocks."""
    fence, inside = "", list[str]()
    for line in lines:
        begun = _FENCE.match(line)
        if fence and begun and not line.strip().strip(fence[0]) and len(begun[1]) >= len(fence):
            yield from ("", fenced("\n".join(inside)), "")
            fence, inside = "", []
        elif fence:
            inside.append(line)
        elif begun:
            fence = begun[1]
        else:
            yield _words(_flat(line, len(line)))
    if inside:
        yield from ("", fenced("\n".join(inside)))


def _words(flat: str) -> str:
    pieces, place = [], 0
    for found in _SPAN.finditer(flat):
        pieces += [_escaped(flat[place : found.start()]), _spans(found[2].strip() or _EMPTY)]
        place = found.end()
    return _apart([*pieces, _escaped(flat[place:])])


def _apart(pieces: list[str]) -> str:
    """Join pieces so that the back-ticks of two of them are no longer run of back-ticks."""
    joined = ""
    for piece in filter(None, pieces):
        joined += f" {piece}" if joined.endswith("`") and piece.startswith("`") else piece
    return joined


def _escaped(text: str) -> str:
    """Return words, those that a forge would act on as code and the others without a meaning."""
    return " ".join(_spans(word) if _LIVE.search(word) else _inert(word) for word in text.split(" "))


def _inert(word: str) -> str:
    return _ESCAPED.sub(r"\\\1", word).translate(_ENTITIES)


def _spans(flat: str) -> str:
    """Return code, in several spans where a word that closes would stand before what it closes."""
    return " ".join(
        span(part.strip()) for part in _CLOSING.sub(r"\g<0>" + "\n", flat).split("\n") if part.strip()
    )


def _flat(text: str, width: int) -> str:
    return _cut(" ".join(text[: 8 * width + 8].split()), width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
