"""`ratchet daemon start` and `stop`."""

import asyncio

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json


@click.command()
@json_option
def start(as_json: bool) -> None:
    """Start the daemon in the background, if none runs.

    An older one without work is replaced.

    \b
    ratchet daemon start
    """
    with shown_to_the_user(as_json):
        from agent.cli.daemon.link import ask

        health = ask(lambda client: client.health())
    if as_json:
        print_json({"running": True, **health.model_dump(mode="json")})
    else:
        click.echo(f"the daemon runs (process {health.pid}, version {health.version})")


@click.command()
@click.option("--drain", is_flag=True, help="Finish the running tasks first, however long that takes.")
@json_option
def stop(drain: bool, as_json: bool) -> None:
    """Stop the daemon. Open tasks are kept, and go on at the next start.

    A command that is following a task starts the daemon again.

    \b
    ratchet daemon stop
    ratchet daemon stop --drain
    """
    with shown_to_the_user(as_json):
        from agent.client import launch
        from agent.config import state_dir

        stopped = asyncio.run(launch.stop(state_dir(), drain=drain))
    if as_json:
        print_json({"stopped": stopped is not None, "pid": stopped.pid if stopped else None})
    elif stopped is None:
        click.echo("no daemon runs", err=True)
    else:
        click.echo(f"stopped the daemon (process {stopped.pid})")
