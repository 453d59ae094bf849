"""`ratchet bot replay`: the tasks of a delivery that lies in a file; also the whole of the GitHub Action."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from agent.cli.options import json_option, print_json

_SAME = {"pull_request_target": "pull_request"}
"""Events of Actions whose payload is that of another delivery."""


@click.command()
@click.argument(
    "file",
    required=False,
    envvar="GITHUB_EVENT_PATH",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--event",
    envvar="GITHUB_EVENT_NAME",
    metavar="NAME",
    help="The event, e.g. issue_comment (default: $GITHUB_EVENT_NAME, or what the file looks like).",
)
@click.option(
    "--wait", is_flag=True, help="Follow the tasks until they have ended and are shown on the forge."
)
@json_option
def replay(file: Path | None, event: str | None, wait: bool, as_json: bool) -> None:
    """Make the tasks of a delivery whose body is in FILE, which needs no signature: the file is yours.

    In GitHub Actions FILE is the event of the job. The same file again leads to the same tasks. What may
    be done is decided as for any delivery, by what the forge says about whoever did it. With --wait the exit
    code is that of the worst task, and 0 when there is nothing to do.

    \b
    ratchet bot replay event.json --event issue_comment --wait
    """
    from agent.cli.bot.delivery import errands_of, make, reported
    from agent.cli.work.session import show_reports, worst_exit

    if file is None:
        raise click.UsageError("name the FILE with the body of the delivery")
    with reported(as_json=as_json) as publish:
        body = file.read_bytes()
        found = errands_of(body, _SAME.get(event or "", event))
        if isinstance(found, str):
            _say([], found, as_json=as_json)
            return
        made = asyncio.run(make(found, body))
        if not wait:
            _say(made, "", as_json=as_json)
            return
        from agent.cli.bot.waiting import wait_for

        reports = wait_for(made)
        code = worst_exit(reports)
        publish(reports, code)
        show_reports(reports, events=False, as_json=as_json)
        sys.exit(code)


def _say(made: Sequence[str], reason: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"tasks": list(made), "reason": reason})
        return
    for task_id in made:
        click.echo(task_id)
    if reason:
        click.echo(f"nothing to do: {reason}")
