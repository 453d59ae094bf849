"""Follows the tasks of a delivery until they have ended and the forge shows it."""

import asyncio
import time
from collections.abc import Sequence

from agent.cli.bot.missing import missing
from agent.cli.bot.who import client
from agent.cli.daemon.link import note
from agent.cli.terminal import console
from agent.cli.work.daemon_tasks import DaemonTasks
from agent.cli.work.follow import CancelledBySignals, Shown, Signpost, follow
from agent.cli.work.progress import ProgressLine
from agent.cli.work.session import ignore
from agent.protocol.report import Report

_PAUSE = 0.5
_LONGEST = 15 * 60.0
"""Seconds: a forge that wants to be left alone says for how long, which may be an hour."""


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
    asyncio.run(_shown([one.task_id for one in reports]))
    return reports


async def _shown(task_ids: Sequence[str]) -> None:
    """Return when everything is on the forge, or no more of it will be; says what is not."""
    end = time.monotonic() + _LONGEST
    async with client(note) as tasks:
        for task_id in task_ids:
            found = await tasks.publication(task_id)
            while not (found.shown or found.left) and time.monotonic() < end:
                await asyncio.sleep(_PAUSE)
                found = await tasks.publication(task_id)
            if not found.shown:
                why = found.problem or "it takes long"
                note(f"not everything of task {task_id} is shown on the forge: {why}")
            for sentence in missing(task_id, found.effects):
                note(sentence)
