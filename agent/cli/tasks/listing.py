"""`ratchet tasks list`: the tasks of the daemon, newest first."""

from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.protocol.summary import Status, TaskSummary

OPEN = "open"
_PIPE_WIDTH = 240
_STATUSES = (OPEN, *(str(status) for status in Status))
_OPEN = (Status.RUNNING, Status.WAITING, Status.PAUSED, Status.QUEUED)


@click.command("list")
@click.option(
    "--status", type=click.Choice(_STATUSES), help="Only these; `open` is whatever is not finished."
)
@click.option(
    "--repository",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Only tasks of this repository; `.` is the one around you.",
)
@click.option("--parent", metavar="TASK", help="Only the tasks that this one was split into.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option
def list_tasks(
    status: str | None, repository: Path | None, parent: str | None, limit: int, as_json: bool
) -> None:
    """List the tasks of the daemon, newest first.

    \b
    ratchet tasks list
    ratchet tasks list --status open
    ratchet tasks list --repository . --limit 100 --json | jq -r '.tasks[].task_id'
    """
    with shown_to_the_user(as_json):
        found = _find(status, None if repository is None else _root(repository), parent, limit)
    if as_json:
        print_json({"tasks": [task.model_dump(mode="json") for task in found]})
    elif found:
        _print(found, limit)
    else:
        filtered = status or repository or parent
        click.echo("no such tasks" if filtered else "no tasks yet: `ratchet fix` makes one", err=True)


def _find(status: str | None, repository: str | None, parent: str | None, limit: int) -> list[TaskSummary]:
    from agent.cli.daemon.link import ask
    from agent.cli.tasks.ids import resolve
    from agent.client.client import Client

    async def job(client: Client) -> list[TaskSummary]:
        whose = await resolve(client, parent) if parent else None
        found: dict[str, TaskSummary] = {}
        for one in _wanted(status):
            # A task that changes meanwhile is listed as it was seen last.
            async for task in client.tasks(status=one, repository=repository, parent=whose, limit=limit):
                found[task.task_id] = task
        newest = sorted(found.values(), key=lambda task: (task.created_at, task.task_id), reverse=True)
        return newest[:limit] if status == OPEN else list(found.values())

    return ask(job)


def _wanted(status: str | None) -> tuple[Status | None, ...]:
    if status == OPEN:
        return _OPEN
    return (Status(status) if status else None,)


def _root(directory: Path) -> str:
    from agent.repo.source import find_source

    return str(find_source(directory.absolute()).root)


def _print(found: list[TaskSummary], limit: int) -> None:
    from agent.cli.tasks.table import task_table
    from agent.cli.terminal import console

    screen = console()
    if not screen.is_terminal:
        # Whoever reads a pipe wants a task to be one line.
        screen.width = _PIPE_WIDTH
    screen.print(task_table(found))
    if len(found) == limit:
        click.echo(f"the newest {limit}; --limit shows more", err=True)
