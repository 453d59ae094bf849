"""`ratchet tasks replay`: a recorded task run again, with its models' answers read from the log."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.protocol.errors import UsageError
from agent.protocol.event import Event
from agent.protocol.log import parse_log
from agent.protocol.report import Report
from agent.protocol.state import fold

_COMPARED = ("outcome", "tree", "files", "answer")


@click.command()
@click.argument("task", metavar="TASK|LOG.jsonl")
@json_option
def replay(task: str, as_json: bool) -> None:
    """Run a finished task again without its models, and say whether it ends the same.

    Their answers come from the log; tools, sandbox and verdict are real. Nothing is delivered.
    LOG.jsonl is what `--events` printed.

    \b
    ratchet tasks replay 8f3a
    ratchet do "…" --events > run.jsonl && ratchet tasks replay run.jsonl
    """
    with shown_to_the_user(as_json):
        from agent.cli.tasks.rerun import rerun

        then = fold(_log(task))
        if then.finished is None or then.spec is None or then.snapshot is None:
            raise UsageError("that task is not finished", hint="`ratchet tasks list` shows which are")
        first, again = rerun(then)
    differences = _differences(first, again)
    if as_json:
        document = again.model_dump(mode="json")
        print_json({"same": not differences, "differences": differences, "report": document})
    elif differences:
        for name, (one, two) in differences.items():
            click.echo(f"{name} was {one}, is {two}")
    else:
        click.echo(f"the same: {again.outcome}, {len(then.turns)} turns, tree {again.tree[:12]}")
    sys.exit(1 if differences else 0)


def _differences(first: Report, again: Report) -> dict[str, tuple[object, object]]:
    one, two = first.model_dump(mode="json"), again.model_dump(mode="json")
    return {name: (one[name], two[name]) for name in _COMPARED if one[name] != two[name]}


def _read(path: Path) -> list[Event]:
    try:
        return parse_log(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{path} is no log of a task: {error}", hint="`--events` prints one") from None


def _log(task: str) -> Sequence[Event]:
    path = Path(task)
    if path.is_file():
        return _read(path)
    from agent.cli.daemon.link import ask
    from agent.cli.tasks.ids import resolve
    from agent.client.client import Client

    async def job(client: Client) -> list[Event]:
        return await client.history(await resolve(client, task))

    return ask(job)
