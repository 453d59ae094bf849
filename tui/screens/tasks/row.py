"""One task as a line of the list."""

from dataclasses import dataclass
from enum import StrEnum

from agent.protocol.outcome import Outcome
from agent.protocol.summary import Status, TaskSummary

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_WAITING = {
    Status.QUEUED: "○ queued",
    Status.RUNNING: "● running",
    Status.WAITING: "? asks you",
    Status.PAUSED: "‖ paused",
}


class Tone(StrEnum):
    """What a cell's colour says; its sign or word says so, too."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    BUSY = "busy"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of outside, not yet made harmless, and its tone."""

    text: str
    tone: Tone = Tone.PLAIN


_TONES = {
    Status.QUEUED: Tone.MUTED,
    Status.RUNNING: Tone.BUSY,
    Status.WAITING: Tone.WARNING,
    Status.PAUSED: Tone.MUTED,
}
_ENDS = {
    Outcome.VERIFIED: ("✓ verified", Tone.GOOD),
    # That older failures are left is in the reason, which the line below the list has.
    Outcome.VERIFIED_WITH_PREEXISTING: ("✓ verified*", Tone.GOOD),
    Outcome.DONE: ("✓ done", Tone.GOOD),
    Outcome.UNVERIFIED: ("! unverified", Tone.WARNING),
    Outcome.NOT_REPRODUCED: ("! not reproduced", Tone.WARNING),
    Outcome.NO_PATCH: ("! no patch", Tone.WARNING),
    Outcome.NO_PLANNER: ("! no planner", Tone.WARNING),
    Outcome.BUDGET: ("! budget", Tone.WARNING),
    Outcome.INTERRUPTED: ("- cancelled", Tone.MUTED),
}


def standing(task: TaskSummary) -> Cell:
    """Return where a task stands, as a sign and a word."""
    if task.status is not Status.FINISHED:
        return Cell(_WAITING[task.status], _TONES[task.status])
    outcome = task.outcome or Outcome.ERROR
    return Cell(*_ENDS.get(outcome, (f"✗ {outcome}", Tone.BAD)))


def cells(task: TaskSummary, *, now: float, subject: str, marked: bool) -> tuple[Cell, ...]:
    """Return a task's line: mark, state, kind, subject, cost, priority, age."""
    settled = Tone.MUTED if task.status is Status.FINISHED else Tone.PLAIN
    return (
        Cell("*" if marked else " ", Tone.WARNING),
        standing(task),
        Cell(task.kind, settled),
        Cell(subject or task.reason, settled),
        Cell(money(task.cost_usd), settled),
        Cell(str(task.priority), settled),
        Cell(age(now - task.created_at), settled),
    )


def money(dollars: float) -> str:
    """Return a cost in at most six characters; nothing for nothing."""
    if dollars <= 0:
        return ""
    return f"${dollars:.2f}" if dollars < 100 else f"${dollars:.0f}"


def age(seconds: float) -> str:
    """Return a duration in at most four characters, e.g. `5m`."""
    if seconds < _MINUTE:
        return f"{max(0, int(seconds))}s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)}m"
    return f"{int(seconds // _HOUR)}h" if seconds < 2 * _DAY else f"{int(seconds // _DAY)}d"
