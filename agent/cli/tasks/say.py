"""`ratchet tasks steer`: words to the model at work."""

from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.cli.tasks.ids import task_argument

if TYPE_CHECKING:
    from agent.client.client import Client
    from agent.protocol.api import TaskView


@click.command()
@task_argument
@click.argument("text")
@click.option("--now", is_flag=True, help="Break off the turn at work, instead of waiting for its end.")
@json_option
def steer(task: str, text: str, now: bool, as_json: bool) -> None:
    """Tell the model at work on a task something; its next turn begins with it.

    \b
    ratchet tasks steer 8f3a "keep the old name as an alias"
    ratchet tasks steer 8f3a --now "stop: the bug is in the parser"
    """
    from agent.cli.daemon.link import ask
    from agent.cli.tasks.ids import resolve

    async def job(client: "Client") -> "TaskView":
        task_id = await resolve(client, task)
        if not now:
            return await client.steer(task_id, text)
        await client.pause(task_id)
        try:
            await client.steer(task_id, text)
        finally:
            view = await client.resume(task_id)
        return view

    with shown_to_the_user(as_json):
        view = ask(job)
        if as_json:
            print_json({"tasks": [view.summary.model_dump(mode="json")]})
        else:
            click.echo(f"{view.summary.task_id}: told")
