"""`ratchet tasks watch TASK`: the story of one task, from its first event to its report."""

import sys

from agent.cli.terminal import console
from agent.cli.work.daemon_tasks import DaemonTasks
from agent.cli.work.follow import Shown, Signpost, follow
from agent.cli.work.progress import ProgressLine
from agent.cli.work.session import ignore, print_event, show_reports, worst_exit


def watch_one(task: str, *, events: bool, as_json: bool) -> None:
    """Follow a task until it ends, and exit with its code; leaving earlier changes nothing for it."""
    with DaemonTasks() as tasks, ProgressLine(console(stderr=True)) as progress:
        shown = Shown(print_event if events else ignore, progress, Signpost())
        reports = follow(tasks, tasks.find(task), shown, lambda _: None)
    show_reports(reports, events=events, as_json=as_json)
    sys.exit(worst_exit(reports))
