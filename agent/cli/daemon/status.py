"""`ratchet daemon status`: whether the daemon runs, and what it has to do."""

import asyncio
import time
from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.cli.terminal import one_line

if TYPE_CHECKING:
    from agent.client.registration import Address
    from agent.protocol.api import Health

_NOT_RUNNING = 3


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Say whether the daemon runs, and what it has to do. Starts nothing.

    Exits with 0 when it runs, and with 3 when it does not.

    \b
    ratchet daemon status
    ratchet daemon status --json | jq .running
    """
    from agent.client import launch
    from agent.config import state_dir

    with shown_to_the_user(as_json):
        state = state_dir().absolute()
        found = asyncio.run(launch.running(state))
    if as_json:
        about = {"running": True, **found[1].model_dump(mode="json")} if found else {"running": False}
        # `running` of Health counts tasks.
        counted = {"tasks_running": found[1].running, "socket": found[0].socket} if found else {}
        hanging = {} if found else {"pid": launch.silent(state)}
        print_json({**about, **counted, **hanging, "running": found is not None, "state": str(state)})
    elif found is None and (pid := launch.silent(state)) is not None:
        click.echo(
            f"the daemon (process {pid}) does not answer; `kill -9 {pid}` ends it, and no task is lost"
        )
    elif found is None:
        click.echo(f"no daemon runs for {one_line(str(state))}; the first command that needs one starts it")
    else:
        for name, said in _facts(*found):
            click.echo(f"{name:<10} {one_line(said)}")
    if found is None:
        raise click.exceptions.Exit(_NOT_RUNNING)


def _facts(address: "Address", health: "Health") -> list[tuple[str, str]]:
    from agent.cli.tasks.table import age

    problems = [("problem", problem) for problem in health.problems]
    return [
        ("daemon", f"version {health.version}, process {health.pid}"),
        ("up for", age(time.time() - health.started_at)),
        ("socket", address.socket or address.url),
        ("database", health.database),
        ("workers", str(health.workers)),
        ("tasks", f"{health.running} running, {health.queued} queued{'; idle' if health.idle else ''}"),
        *problems,
    ]
