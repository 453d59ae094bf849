"""Rows and standings in signs, words and colours of the theme; never in colours alone."""

from collections.abc import Iterable

from rich.cells import cell_len
from textual.content import Content

from tui.panes.verdict.detail import Section
from tui.panes.verdict.row import Kind, Row
from tui.panes.verdict.standing import Standing
from tui.safe import content, line

_SIGNS: dict[Kind, tuple[str, str]] = {
    Kind.BROKEN: ("✗", "$error"),
    Kind.WEAKENED: ("✗", "$error"),
    Kind.VANISHED: ("∅", "$error"),
    Kind.NOT_RUN: ("?", "$error"),
    Kind.COMPLAINT: ("!", "$error"),
    Kind.LOOSENED: ("!", "$error"),
    Kind.SET_APART: ("!", "$error"),
    Kind.SKIPPED_NOW: ("-", "$warning"),
    Kind.STILL_FAILING: ("✗", "$warning"),
    Kind.FAILING: ("✗", "$error"),
    Kind.FLAKY: ("~", "$warning"),
    Kind.FIXED: ("✓", "$success"),
    Kind.NEW: ("+", "$success"),
    Kind.PASSED: ("✓", "$text-muted"),
    Kind.SKIPPED: ("-", "$text-muted"),
    Kind.UNNOTICED: ("○", "$warning"),
    Kind.NOTE: ("i", "$text-muted"),
}
_OUTCOMES = {"failed": "$error", "error": "$error", "timeout": "$error", "crashed": "$error"}
_GOOD = {"passed": "$success", "xpassed": "$success", "good": "$success"}
_KIND, _OUTCOME, _MESSAGE_FROM = 13, 8, 100
"""Cells of the columns, and the width from which messages have room beside names."""
HEADS = f"   {'class':<{_KIND}} {'before':<{_OUTCOME}}   {'after':<{_OUTCOME}} test or place"


def row_content(row: Row, width: int) -> Content:
    """Return a row in at most `width` cells; of a name that is too long its end is kept."""
    sign, colour = _SIGNS[row.kind]
    parts = [Content.styled(f"{sign} {row.kind.value:<{_KIND}} ", colour)]
    if row.before or row.after:
        arrow = Content.styled(" → ", "$text-muted")
        parts += [_outcome(row.before), arrow, _outcome(row.after), Content(" ")]
    room = max(8, width - sum(part.cell_length for part in parts))
    if not row.name:
        return Content("").join([*parts, _plain(row.message, room)])
    name_room = room if width < _MESSAGE_FROM or not row.message else max(30, room * 3 // 5)
    name = _end_of(line(row.name, 400), name_room)
    parts.append(Content(name))
    left = room - cell_len(name) - 2
    if left > 10 and row.message:
        parts.append(_plain(f"  {line(row.message, left)}", left + 2).stylize("$text-muted"))
    return Content("").join(parts)


def _plain(text: str, width: int) -> Content:
    return Content(line(text, 400) if not text.startswith("  ") else text).truncate(width, ellipsis=True)


def _outcome(word: str) -> Content:
    colour = _OUTCOMES.get(word) or _GOOD.get(word) or "$text-muted"
    return Content.styled(f"{word or '·':<{_OUTCOME}}", colour)


def _end_of(name: str, width: int) -> str:
    if cell_len(name) <= width:
        return name
    kept = name[-width:]
    while cell_len(kept) >= width:
        kept = kept[1:]
    return "…" + kept


def standing_content(standing: Standing) -> Content:
    """Return how a verdict stands, on a few lines."""
    lines = [_headline(standing)]
    if standing.reason:
        lines.append(content(standing.reason))
    if standing.hint:
        lines.append(content(f"hint: {standing.hint}", "$text-muted"))
    if standing.against:
        sign, colour = ("! mind", "$warning") if standing.good else ("✗ against", "$error")
        lines.append(content(f"{sign}: " + "; ".join(standing.against), colour))
    if standing.support:
        lines.append(content("✓ for: " + ", ".join(standing.support), "$success"))
    lines += [content(f"i {line(one, 400)}", "$text-muted") for one in standing.told]
    return Content("\n").join(lines)


def _headline(standing: Standing) -> Content:
    sign, colour = {True: ("✓", "$success"), False: ("✗", "$error"), None: ("…", "$primary")}[standing.good]
    word = content(f"{sign} {standing.word.replace('_', ' ')}", f"bold {colour}")
    return Content(" · ").join([word, *(content(fact) for fact in standing.facts)])


def chips(counts: Iterable[tuple[Kind | None, int]], chosen: Kind | None, find: str) -> Content:
    """Return how many rows there are of each kind, the chosen one marked."""
    parts = []
    for kind, count in counts:
        sign, colour = _SIGNS[kind] if kind else ("", "")
        said = f"{sign} {kind.value if kind else 'all'} {count}".strip()
        parts.append(
            Content.styled(f"[{said}]", f"bold {colour}") if kind is chosen else Content.styled(said, colour)
        )
    if find:
        parts.append(content(f'"{line(find, 40)}"', "bold"))
    return Content("  ").join(parts)


def detail_content(sections: Iterable[Section]) -> Content:
    """Return all that is known about a row, to be read."""
    parts = []
    for one in sections:
        title = Content.styled(one.title, "bold $primary")
        several = "\n" in one.text.strip("\n")
        parts.append(Content("\n" if several else ": ").join([title, content(one.text.rstrip("\n"))]))
    return Content("\n").join(parts)
