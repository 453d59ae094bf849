"""Heat in signs, figures and colours of the theme; never in colours alone."""

from collections.abc import Iterable

from textual.content import Content

from agent.protocol.proposal import Suspect
from tui.panes.suspects.attempts import Attempt
from tui.panes.suspects.heat import Heat, HeatMap, heat
from tui.safe import content, line

_SIGNS = {
    Heat.COLD: (" ", ""),
    Heat.WARM: ("░", "dim"),
    Heat.HOT: ("▒", "$text-warning"),
    Heat.HOTTER: ("▓", "$text-warning"),
    Heat.HOTTEST: ("█", "$text-error"),
}
_DECIDED = {True: ("✓", "$text-success"), False: ("✗", "$text-error"), None: ("…", "$text-primary")}


def gutter(number: int, heated: HeatMap, *, changed: bool = False) -> Content:
    """Return what stands before a line: its number, its score, how hot that is, `±` for a change."""
    score = heated.score(number)
    sign, colour = _SIGNS[heated.at(number)]
    figure = "    " if score is None else f"{score:4.2f}"
    parts = [
        Content.styled(f"{number:>5} ", "dim"),
        Content.styled(f"{figure} {sign * 2 or '  '}", colour),
        Content.styled("± " if changed else "  ", "$text-primary"),
    ]
    return Content("").join(parts)


def suspect_content(rank: int, one: Suspect, width: int, *, changed: bool = False) -> Content:
    """Return a suspect of a list in at most `width` cells, `±` before one that the proposal changes."""
    sign, colour = _SIGNS[heat(one.score)]
    inside = f"  {line(one.symbol, 80)}" if one.symbol else ""
    parts = [
        Content.styled(f"{rank:>3} ", "dim"),
        Content.styled(f"{sign} {one.score:4.2f} ", colour),
        Content.styled("± " if changed else "  ", "$text-primary"),
        Content(f"{line(one.path, 200)}:{one.line}"),
        Content.styled(inside, "dim"),
    ]
    return Content("").join(parts).truncate(width, ellipsis=True)


def reason_content(one: Suspect, *, changed: bool = False) -> Content:
    """Return why a line is suspicious, and whether the proposal changes it."""
    where = content(f"{one.path}:{one.line}", "bold")
    inside = content(f" in {one.symbol}") if one.symbol else Content("")
    why = content(f": {one.reason}", "dim") if one.reason else Content("")
    touched = Content.styled("; ± the proposal changes it", "$text-primary") if changed else Content("")
    return Content("").join([where, inside, why, touched])


def attempts_content(found: Iterable[Attempt]) -> Content:
    """Return what was tried, a few lines each."""
    parts = []
    for number, one in enumerate(found, 1):
        sign, colour = _DECIDED[one.good]
        name = content(f"{sign} {number}. {one.planner} ", f"bold {colour}")
        parts.append(name + content(_took(one), "dim"))
        parts += [content(f"   {line(text, 400)}") for text in (one.rationale, ", ".join(one.files)) if text]
        parts.append(content(f"   {line(one.said or 'being measured', 400)}", colour))
    return Content("\n").join(parts)


def _took(one: Attempt) -> str:
    effort = one.effort
    said = [f"{effort.candidates} candidates"] if effort.candidates else []
    said += [f"{effort.candidates_per_second:.0f}/s"] if effort.candidates and effort.seconds else []
    said += [f"{effort.model_calls} model calls"] if effort.model_calls else []
    said += [f"US$ {effort.cost_usd:.4f}"] if effort.cost_usd else []
    said += [f"{effort.seconds:.1f} s"] if effort.seconds else []
    return ", ".join(said)
