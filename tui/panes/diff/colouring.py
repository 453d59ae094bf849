"""The colours of a language on the lines of a hunk, for as much of it as is looked at."""

from pathlib import PurePosixPath

from textual.cache import LRUCache
from textual.content import Content
from textual.highlight import highlight

from agent.patches.hunks import Hunk
from tui.panes.diff.spelling import spelled

_LANGUAGES = {
    **dict.fromkeys((".py", ".pyi"), "python"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".tsx"), "typescript"),
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hpp", ".hh"), "cpp"),
    **dict.fromkeys((".sh", ".bash"), "bash"),
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    **dict.fromkeys((".html", ".htm"), "html"),
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".rb": "ruby",
    ".cs": "csharp",
    ".php": "php",
    ".css": "css",
    ".json": "json",
    ".toml": "toml",
}
"""Only what is common: a lexer is given text that anybody may have written."""
_LINES, _WIDTH = 60, 120
"""Lines that are read at once, and the characters of a line from which on it is left as it is.

What a lexer is given stays small: on some text each takes far longer than the text is long.
"""
_REMEMBERED = 400


class Colouring:
    """Remembers what it read last."""

    def __init__(self) -> None:
        self._known: LRUCache[tuple[int, bool, int], list[Content]] = LRUCache(_REMEMBERED)

    def line(self, path: str, hunk: Hunk, number: int, *, new: bool) -> Content:
        """Return a line, by its number in the old or the new file."""
        place = number - (hunk.new_start if new else hunk.old_start)
        key = (id(hunk), new, place // _LINES)
        lines = self._known.get(key)
        if lines is None:
            lines = self._known[key] = _lines(path, hunk, place // _LINES * _LINES, new=new)
        return lines[place % _LINES]


def _lines(path: str, hunk: Hunk, first: int, *, new: bool) -> list[Content]:
    away = "-" if new else "+"
    side = [line.text for line in hunk.lines if line.sign != away]
    texts = [spelled(text) for text in side[first : first + _LINES]]
    language = _LANGUAGES.get(PurePosixPath(path).suffix.lower())
    plain = [Content(text) for text in texts]
    if language is None:
        return plain
    short = [text if len(text) <= _WIDTH else "" for text in texts]
    coloured = highlight("\n".join(short), language=language).split("\n", allow_blank=True)
    return [
        one if number < len(coloured) and (one := coloured[number]).plain == text else plain[number]
        for number, text in enumerate(texts)
    ]
