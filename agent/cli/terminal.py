"""What reaches the user's terminal: outside text made harmless, and one way to print."""

import unicodedata

from rich.console import Console

_KEPT = frozenset("\n\t")
# Control, format (bidi overrides, zero-width marks), lone surrogates, line and paragraph separators:
# they move the cursor, retitle the window, reorder or hide what is read.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def sanitize(text: str) -> str:
    """Return outside text with every character that a terminal would act on spelled out, as in `\\x1b`.

    Newlines and tabs stay, CRLF becomes a newline. Sanitizing twice changes nothing more.
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(c) if unicodedata.category(c) in _HIDDEN and c not in _KEPT else c for c in text)


def one_line(text: str, width: int = 200) -> str:
    """Return outside text on one sanitized line of at most `width` characters."""
    flat = " ".join(sanitize(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def console(*, stderr: bool = False) -> Console:
    """Return a console that never interprets what it prints; NO_COLOR and pipes give plain text."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
