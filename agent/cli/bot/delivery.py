"""A delivery that lies in a file: what it wants, its tasks, and where a job of CI shows them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from agent.bot.errand import Errand, key_of
from agent.bot.intake import read_delivery, submit
from agent.bot.payloads import event_of, read_json
from agent.bot.wanted import Wanted
from agent.cli.bot.who import client, settings
from agent.cli.ci.options import ReportFiles
from agent.cli.ci.publish import Publisher, published
from agent.cli.daemon.link import note
from agent.cli.work.options import TaskOptions


def errands_of(body: bytes, event: str | None) -> Wanted:
    """Return what a delivery wants; without the name of its event, which that is. Raises NotUnderstood."""
    config = settings()
    known = event or event_of(read_json(body)) or "other"
    return read_delivery(known, body, config, config.login)


async def make(errands: Sequence[Errand], body: bytes) -> list[str]:
    """Make the tasks, or find those that were made before; returns their ids. Raises RatchetError."""
    async with client(note) as tasks:
        return await submit(errands, (key_of("body", body),), settings(), tasks)


def reported(*, as_json: bool) -> AbstractContextManager[Publisher]:
    """Return where reports go in CI: summary and outputs of the step; annotations are the check run's."""
    files = ReportFiles(
        junit=None, sarif=None, code_quality=None, patch=None, summary=None, annotations=False
    )
    options = TaskOptions(
        directory=Path(),
        as_json=as_json,
        events=False,
        dry_run=False,
        sandbox=None,
        timeout=None,
        strict=False,
        foreground=False,
        detach=False,
        priority=0,
        deadline=None,
        budget=None,
    )
    return published(files, options)
