"""`ratchet tasks watch`: all open tasks in a live table, or the story of one."""

import contextlib
import json
import time
from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option
from agent.cli.tasks.ids import complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from agent.cli.tasks.board import Board
    from agent.client.client import Client
    from agent.protocol.summary import TaskSummary


@click.command()
@click.argument("task", required=False, shell_complete=complete, metavar="[TASK]")
@click.option("--events", is_flag=True, help="With TASK: print its events as JSON Lines on stdout.")
@json_option
def watch(task: str | None, events: bool, as_json: bool) -> None:
    """Follow all open tasks in a live table, or one task until it ends. Ctrl-C only stops watching.

    In a pipe, and with --json, each change of a task is one line, and the command ends once nothing
    is open. With TASK the exit code is that of the task's outcome.

    \b
    ratchet tasks watch
    ratchet tasks watch 8f3a
    ratchet tasks watch 8f3a --events | jq .body.type
    """
    with shown_to_the_user(as_json), contextlib.suppress(KeyboardInterrupt):
        if task is not None:
            from agent.cli.tasks.watch_one import watch_one

            watch_one(task, events=events, as_json=as_json)
        elif events:
            raise click.UsageError("--events needs a TASK")
        else:
            _watch_all(as_json)


def _watch_all(as_json: bool) -> None:
    from agent.cli.daemon.link import ask
    from agent.cli.terminal import console

    screen = console()
    ask(_table if screen.is_terminal and not as_json else _json_lines if as_json else _lines)


async def _table(client: "Client") -> None:
    from rich.live import Live

    from agent.cli.tasks.board import Board
    from agent.cli.terminal import console

    board = Board(client, lambda _: None)
    with Live(get_renderable=lambda: _rendered(board), console=console(), refresh_per_second=4):
        await board.watch(until_done=False)


async def _lines(client: "Client") -> None:
    await _changes(client, _line)


async def _json_lines(client: "Client") -> None:
    await _changes(client, lambda task: json.dumps(task.model_dump(mode="json")))


async def _changes(client: "Client", shown: "Callable[[TaskSummary], str]") -> None:
    from agent.cli.tasks.board import Board

    board = Board(client, lambda task: click.echo(shown(task)))
    await board.watch(until_done=True)
    if not board.tasks:
        click.echo("no open tasks", err=True)


def _line(task: "TaskSummary") -> str:
    from agent.cli.terminal import one_line

    moment = time.strftime("%H:%M:%S")
    said = task.reason if task.outcome else task.step
    return f"{moment}  {task.task_id}  {task.outcome or task.status}  {one_line(said)}"


def _rendered(board: "Board") -> "RenderableType":
    from rich.text import Text

    from agent.cli.tasks.table import task_table

    if not board.tasks:
        return Text("no open tasks; Ctrl-C ends", style="dim")
    ordered = sorted(board.tasks.values(), key=lambda task: task.task_id)
    return task_table(ordered, live=board.live)
