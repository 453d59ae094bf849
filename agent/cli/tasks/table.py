"""Tasks as a table: one line each, what matters first."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.table import Table
from rich.text import Text

from agent.cli.terminal import one_line
from agent.protocol.outcome import Outcome
from agent.protocol.summary import Status, TaskSummary

_STATUS = {
    Status.QUEUED: "dim",
    Status.RUNNING: "bold cyan",
    Status.WAITING: "bold yellow",
    Status.PAUSED: "yellow",
}
_GOOD = {Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING}
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
_HEADINGS = ("task", "state", "kind", "repository", "age", "now")


def task_table(
    tasks: Iterable[TaskSummary], now: float | None = None, live: Mapping[str, str] | None = None
) -> Table:
    """Return the table of some tasks; `live` has what is known of a running one beyond its summary."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=heading != "now", overflow="ellipsis")
    moment = time.time() if now is None else now
    for task in tasks:
        said = (live or {}).get(task.task_id) or _said(task)
        table.add_row(
            task.task_id,
            state_of(task),
            task.kind,
            _short(task.repository),
            age(moment - task.created_at),
            Text(one_line(said), style="default"),
        )
    return table


def state_of(task: TaskSummary) -> Text:
    """Return the status, or once it is finished the outcome."""
    if task.outcome is None or task.status is not Status.FINISHED:
        return Text(task.status, style=_STATUS.get(task.status, ""))
    return Text(task.outcome, style="green" if task.outcome in _GOOD else "red")


def age(seconds: float) -> str:
    """Return a length of time in its largest unit, as in `3 h`."""
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _said(task: TaskSummary) -> str:
    match task.status:
        case Status.WAITING:
            return f"ratchet tasks show {task.task_id} has the question"
        case Status.FINISHED:
            return task.reason
        case _:
            return task.step


def _short(repository: str) -> Text:
    path = Path(repository)
    home = Path.home()
    shown = f"~/{path.relative_to(home)}" if path.is_relative_to(home) else repository
    if len(shown) > 32:
        shown = f"…/{path.name}"
    return Text(one_line(shown, 32))
