"""Takes out of a text what a reader would not see: invisible characters, terminal sequences, controls."""

import re
from dataclasses import dataclass

BIDI, TAGS, ZERO_WIDTH, SELECTORS = "bidi", "tags", "zero_width", "variation_selectors"
INVISIBLE, ANSI, CONTROL, COMMENT, BROKEN = "invisible", "ansi", "control", "html_comment", "broken_text"

# Every format character (category Cf) but the visible signs of Arabic, Syriac, Kaithi and Egyptian, and what
# is drawn as nothing without being one: fillers and default ignorables (Unicode, DerivedCoreProperties).
_CLASSES = {
    BIDI: "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    TAGS: "\U000e0000-\U000e00ff",
    ZERO_WIDTH: "\u200b-\u200d\u2060\ufeff\u180e",
    SELECTORS: "\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f",
    INVISIBLE: "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2061-\u2065\u206a-\u206f\u2800\u3164\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e01f0-\U000e0fff",
}
_HIDDEN = re.compile(f"[{''.join(_CLASSES.values())}]+")
_KINDS = {name: re.compile(f"[{characters}]") for name, characters in _CLASSES.items()}
_EMOJI = re.compile("[\u00a9\u00ae\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]{0,8}[0-~]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BYTES = bytes({*range(32), 127} - {*b"\t\n"})
_BROKEN = re.compile("[\ud800-\udfff]")
_COMMENT = re.compile(r"<!--[^\0]*?(?:-->|\Z)")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text without what cannot be seen, and what kinds of that there were."""

    text: str
    flags: tuple[str, ...] = ()


def clean(text: str, *, rendered: bool = False) -> Cleaned:
    """Strip invisible characters, terminal sequences and controls; the number of lines stays the same.

    HTML comments are flagged; with `rendered` (an issue, a pull request: what people see is not the
    source) they are taken out, too. Emoji keep the joiners and selectors that they are drawn with.
    """
    flags: list[str] = []
    text = text.replace("\r\n", "\n")
    if not _is_plain(text):
        text = _without(_BROKEN, "\ufffd", BROKEN, text, flags)
        text = _without_hidden(text, flags)
        text = _without(_ANSI, "", ANSI, text, flags)
        text = _without_controls(text, flags)
    if "<!--" in text:
        flags.append(COMMENT)
        text = _COMMENT.sub(_only_lines, text) if rendered else text
    return Cleaned(text, tuple(sorted(flags)))


def _is_plain(text: str) -> bool:
    """Say whether a text is ASCII without controls, which most text is and which is quickly told."""
    if not text.isascii():
        return False
    data = text.encode("ascii")
    return len(data.translate(None, _CONTROL_BYTES)) == len(data)


def _without(pattern: "re.Pattern[str]", instead: str, flag: str, text: str, flags: list[str]) -> str:
    changed, count = pattern.subn(instead, text)
    if count:
        flags.append(flag)
    return changed


def _without_hidden(text: str, flags: list[str]) -> str:
    if text.isascii():
        return text
    seen: set[str] = set()

    def shown(found: "re.Match[str]") -> str:
        run = found.group()
        if _is_drawn(run, text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]):
            return run
        seen.update(name for name, pattern in _KINDS.items() if pattern.search(run))
        return ""

    text = _HIDDEN.sub(shown, text)
    flags += seen
    return text


def _is_drawn(run: str, before: str, after: str) -> bool:
    """Say whether a run of invisible characters is how an emoji is written; that hides next to nothing."""
    if run in ("\ufe0f", "\ufe0e"):
        return bool(_EMOJI.match(before)) or after == "\u20e3"
    return run in ("\u200d", "\ufe0f\u200d") and bool(_EMOJI.match(before) and _EMOJI.match(after))


def _without_controls(text: str, flags: list[str]) -> str:
    def shown(found: "re.Match[str]") -> str:
        return " " if found.group() in "\r\v\f\x85\u2028\u2029" else ""

    text, count = _CONTROL.subn(shown, text)
    if count:
        flags.append(CONTROL)
    return text


def _only_lines(found: "re.Match[str]") -> str:
    return "\n" * found.group().count("\n")
