"""Makes outside text harmless for a terminal: what it would act on is spelled out."""

import unicodedata

_KEPT = frozenset("\n\t")
# Control, format (bidi overrides, zero-width marks), lone surrogates, line and paragraph separators:
# they move the cursor, retitle the window, reorder or hide what is read.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def spell(text: str) -> str:
    """Return outside text with every character that a terminal would act on spelled out, as in `\\x1b`.

    Newlines and tabs stay, CRLF becomes a newline. Doing it twice changes nothing more, and pieces of a
    text are as harmless as the whole.
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(c) if unicodedata.category(c) in _HIDDEN and c not in _KEPT else c for c in text)


def spell_line(text: str, width: int = 200) -> str:
    """Return outside text on one harmless line of at most `width` characters."""
    flat = " ".join(spell(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
