"""Rows and standings in signs, words and colours of the theme; never in colours alone."""

from collections.abc import Iterable

from rich.cells import cell_len
from textual.content import Content

from tui.panes.verdict.detail import Section
from tui.panes.verdict.row import Kind, Row
from tui.panes.verdict.standing import Standing
from tui.safe import content, line

_SIGNS: dict[Kind, tuple[str, str]] = {
    Kind.BROKEN: ("✗", "$text-error"),
    Kind.WEAKENED: ("✗", "$text-error"),
    Kind.VANISHED: ("∅", "$text-error"),
    Kind.NOT_RUN: ("?", "$text-error"),
    Kind.COMPLAINT: ("!", "$text-error"),
    Kind.LOOSENED: ("!", "$text-error"),
    Kind.SET_APART: ("!", "$text-error"),
    Kind.SKIPPED_NOW: ("-", "$text-warning"),
    Kind.STILL_FAILING: ("✗", "$text-warning"),
    Kind.FAILING: ("✗", "$text-error"),
    Kind.FLAKY: ("~", "$text-warning"),
    Kind.FIXED: ("✓", "$text-success"),
    Kind.NEW: ("+", "$text-success"),
    Kind.PASSED: ("✓", "dim"),
    Kind.SKIPPED: ("-", "dim"),
    Kind.UNNOTICED: ("○", "$text-warning"),
    Kind.NOTE: ("i", "dim"),
}
_BAD_OUTCOMES, _GOOD_OUTCOMES = ("failed", "error", "timeout", "crashed"), ("passed", "xpassed", "good")
_DECIDED = {True: ("✓", "$text-success"), False: ("✗", "$text-error"), None: ("…", "$text-primary")}
_KIND, _OUTCOME, _MESSAGE_FROM = 13, 8, 100
"""Cells of the columns, and the width from which messages have room beside names."""
HEADS = f"   {'class':<{_KIND}} {'before':<{_OUTCOME}}   {'after':<{_OUTCOME}} test or place"


def row_content(row: Row, width: int) -> Content:
    """Return a row in at most `width` cells; of a name that is too long its end is kept."""
    sign, colour = _SIGNS[row.kind]
    parts = [Content.styled(f"{sign} {row.kind.value:<{_KIND}} ", colour)]
    if row.before or row.after:
        arrow = Content.styled(" → ", "dim")
        parts += [_outcome(row.before), arrow, _outcome(row.after), Content(" ")]
    room = max(8, width - sum(part.cell_length for part in parts))
    if not row.name:
        return Content("").join([*parts, _plain(row.message, room)])
    name_room = room if width < _MESSAGE_FROM or not row.message else max(30, room * 3 // 5)
    name = _end_of(line(row.name, 400), name_room)
    parts.append(Content(name))
    left = room - cell_len(name) - 2
    if left > 10 and row.message:
        parts.append(_plain(f"  {line(row.message, left)}", left + 2).stylize("dim"))
    return Content("").join(parts)


def _plain(text: str, width: int) -> Content:
    return Content(line(text, 400) if not text.startswith("  ") else text).truncate(width, ellipsis=True)


def _outcome(word: str) -> Content:
    colour = "$text-success" if word in _GOOD_OUTCOMES else "dim"
    colour = "$text-error" if word in _BAD_OUTCOMES else colour
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
        lines.append(content(f"hint: {standing.hint}", "dim"))
    if standing.against:
        sign, colour = ("! mind", "$text-warning") if standing.good else ("✗ against", "$text-error")
        lines.append(content(f"{sign}: " + "; ".join(standing.against), colour))
    if standing.support:
        lines.append(content("✓ for: " + ", ".join(standing.support), "$text-success"))
    lines += [content(f"i {line(one, 400)}", "dim") for one in standing.told]
    return Content("\n").join(lines)


def _headline(standing: Standing) -> Content:
    sign, colour = _DECIDED[standing.good]
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
        title = Content.styled(one.title, "bold $text-primary")
        several = "\n" in one.text.strip("\n")
        parts.append(Content("\n" if several else ": ").join([title, content(one.text.rstrip("\n"))]))
    return Content("\n").join(parts)
