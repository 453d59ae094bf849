"""Follows the tasks of a delivery until they have ended and the forge shows it."""

from collections.abc import Sequence

from agent.cli.terminal import console
from agent.cli.work.daemon_tasks import DaemonTasks
from agent.cli.work.follow import CancelledBySignals, Shown, Signpost, follow
from agent.cli.work.progress import ProgressLine
from agent.cli.work.session import ignore
from agent.protocol.report import Report


def wait_for(task_ids: Sequence[str]) -> list[Report]:
    """Return the reports of tasks and of those that they are split into; Ctrl-C cancels them."""
    reports: list[Report] = []
    with (
        DaemonTasks() as tasks,
        ProgressLine(console(stderr=True)) as progress,
        CancelledBySignals(tasks) as signals,
    ):
        for task_id in task_ids:
            reports += follow(tasks, task_id, Shown(ignore, progress, Signpost()), signals.turn_to)
    return reports
