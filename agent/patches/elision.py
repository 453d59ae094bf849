"""Lines that stand for other lines ("... existing code ..."), which no edit may hold."""

import re
from collections.abc import Iterable

_LEAD = r"\s*(?:#|//|/\*+|\*|--|<!--|;+|%|\{/\*)\s*"
_DOTS = r"(?:\.\.\.|…)"
_WORDS = (
    r"(?:existing|rest|remaining|remainder|unchanged|same|previous|other|omitted|truncated|code|"
    r"methods?|functions?|implementation|imports?|lines?)"
)
# "# ... existing code" and "# rest of the code ..."; an ordinary comment may end with dots, too.
_COMMENT = re.compile(
    rf"^{_LEAD}(?:{_DOTS}[^\n]*\b{_WORDS}\b|"
    rf"[^\n]*\b(?:rest of|remaining|existing|unchanged|omitted)\b[^\n]{{0,40}}\b{_WORDS}\b\s*{_DOTS}"
    r"\s*(?:\*/|-->|\*/\})?\s*$)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"^(?:{_LEAD})?{_DOTS}\s*(?:\*/|-->|\*/\}})?$")


def stands_for_lines(text: str) -> bool:
    """Say whether a line of a searched text leaves lines out."""
    return len(text) < 200 and bool(_COMMENT.match(text) or _BARE.match(text.strip()))


def elided_line(new: Iterable[str], known: Iterable[str], path: str) -> str:
    """Return the first new line that leaves lines out and is not one of the known lines; else empty.

    `...` alone is a statement in Python and an elision elsewhere.
    """
    fitting = [text for text in new if len(text) < 200 and _leaves_out(text, path)]
    if not fitting:
        return ""
    known_lines = {text.strip() for text in known}
    return next((text for text in fitting if text.strip() not in known_lines), "")


def _leaves_out(text: str, path: str) -> bool:
    if "..." not in text and "…" not in text:
        return False
    if _COMMENT.match(text):
        return True
    # Prose and doctests have such lines; source of the languages with braces does not.
    braces = path.endswith((".js", ".ts", ".tsx", ".jsx", ".java", ".c", ".cc", ".cpp", ".h", ".go", ".rs"))
    return braces and text.strip() in ("...", "…")
