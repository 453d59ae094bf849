"""`ratchet tasks patch` and `log`: what a task made, and what it said, as plain text."""

import sys
from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.cli.tasks.ids import task_argument

if TYPE_CHECKING:
    from agent.client.client import Client


@click.command()
@task_argument
@json_option
def patch(task: str, as_json: bool) -> None:
    """Print the patch that a task came up with, as a unified diff.

    In a pipe it is byte for byte what `git apply` takes.

    \b
    ratchet tasks patch 8f3a | git apply --check
    """
    _print("patch", task, as_json, "no patch yet")


@click.command()
@task_argument
@json_option
def log(task: str, as_json: bool) -> None:
    """Print the tail of a task's log: the output that says why it ended as it did.

    \b
    ratchet tasks log 8f3a
    """
    _print("log", task, as_json, "nothing logged yet")


def _print(what: str, task: str, as_json: bool, nothing: str) -> None:
    from agent.cli.daemon.link import ask
    from agent.cli.tasks.ids import resolve
    from agent.cli.terminal import sanitize

    async def job(client: "Client") -> tuple[str, str]:
        task_id = await resolve(client, task)
        return task_id, await (client.patch(task_id) if what == "patch" else client.log(task_id))

    with shown_to_the_user(as_json):
        task_id, text = ask(job)
    if as_json:
        print_json({"task_id": task_id, what: text})
    elif not text:
        click.echo(nothing, err=True)
    elif what == "patch" and not sys.stdout.isatty():
        click.echo(text.encode("utf-8", "surrogateescape"), nl=False)
    else:
        click.echo(sanitize(text))
