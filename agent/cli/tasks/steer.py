"""`ratchet tasks cancel|pause|resume|retry|priority`: what people ask of tasks."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.cli.tasks.ids import task_argument, tasks_argument

if TYPE_CHECKING:
    from agent.client.client import Client
    from agent.protocol.api import TaskView

    Change = Callable[[Client, str], Awaitable[TaskView]]


@click.command()
@tasks_argument
@json_option
def cancel(tasks: tuple[str, ...], as_json: bool) -> None:
    """Stop tasks for good. Their sandboxes end within seconds, and what they made so far is kept.

    \b
    ratchet tasks cancel 8f3a
    ratchet tasks cancel $(ratchet tasks list --status open --json | jq -r '.tasks[].task_id')
    """
    _change(tasks, as_json, lambda client, task_id: client.cancel(task_id))


@click.command()
@tasks_argument
@json_option
def pause(tasks: tuple[str, ...], as_json: bool) -> None:
    """Stop tasks until they are resumed; finished steps, and how far a search got, are kept.

    \b
    ratchet tasks pause 8f3a
    ratchet tasks resume 8f3a
    """
    _change(tasks, as_json, lambda client, task_id: client.pause(task_id))


@click.command()
@tasks_argument
@json_option
def resume(tasks: tuple[str, ...], as_json: bool) -> None:
    """Let paused tasks go on where they stopped.

    \b
    ratchet tasks resume 8f3a
    """
    _change(tasks, as_json, lambda client, task_id: client.resume(task_id))


@click.command()
@tasks_argument
@json_option
def retry(tasks: tuple[str, ...], as_json: bool) -> None:
    """Begin finished tasks again, from the repository as it is now. Proven ones stay as they are.

    \b
    ratchet tasks retry 8f3a && ratchet tasks watch 8f3a
    """
    _change(tasks, as_json, lambda client, task_id: client.retry(task_id))


@click.command()
@task_argument
@click.argument("priority", type=click.IntRange(0, 1000))
@json_option
def priority(task: str, priority: int, as_json: bool) -> None:
    """Move a task in the queue to PRIORITY, 0 to 1000; the lower number goes first, 100 is usual.

    \b
    ratchet tasks priority 8f3a 10
    """
    _change((task,), as_json, lambda client, task_id: client.prioritize(task_id, priority))


def _change(tasks: tuple[str, ...], as_json: bool, change: "Change") -> None:
    """Apply a change to each task; the first that is refused ends the command."""
    from agent.cli.daemon.link import ask
    from agent.cli.tasks.ids import resolve

    async def job(client: "Client") -> "list[TaskView]":
        ids = [await resolve(client, task) for task in tasks]
        return [await change(client, task_id) for task_id in ids]

    with shown_to_the_user(as_json):
        views = ask(job)
    if as_json:
        print_json({"tasks": [view.summary.model_dump(mode="json") for view in views]})
    else:
        for view in views:
            click.echo(_said(view))


def _said(view: "TaskView") -> str:
    task = view.summary
    return f"{task.task_id}: {task.outcome or task.status}"
