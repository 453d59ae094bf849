"""The options that every command which runs a task shares, handed over as one value."""

import functools
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from agent.cli.options import directory_option, json_option


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """How to run a task and how to show it."""

    directory: Path
    as_json: bool
    events: bool
    dry_run: bool
    sandbox: str | None
    timeout: float | None
    strict: bool
    foreground: bool
    detach: bool
    priority: int
    deadline: int | None
    """Seconds since the epoch."""
    budget: float | None
    """US dollars."""


Decorator = Callable[[Callable[..., None]], Callable[..., None]]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Read a duration from now, such as 30m, or an ISO 8601 time; without a zone it is the local time."""
    if value is None:
        return None
    duration = re.fullmatch(r"(\d+)([smhd])", value)
    if duration:
        return int(time.time()) + int(duration[1]) * _UNITS[duration[2]]
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except ValueError:
        message = f"{value!r} is no moment: write 30m, 2h, or 2026-01-31T18:00"
        raise click.BadParameter(message, ctx, param) from None


_OPTIONS = (
    directory_option,
    json_option,
    click.option("--events", is_flag=True, help="Print the task's events as JSON Lines on stdout."),
    click.option("--dry-run", is_flag=True, help="Say what would run, and where; run nothing."),
    click.option(
        "--sandbox",
        type=click.Choice(["auto", "docker", "bubblewrap", "process"]),
        default=None,
        help="Isolation to use; `auto` picks the strongest that works, `process` isolates nothing.",
    ),
    click.option("--timeout", type=click.FloatRange(min=1), default=None, help="Seconds for the whole task."),
    click.option("--strict", is_flag=True, help="Exit with 10 when tests that failed before still fail."),
    click.option(
        "--foreground",
        is_flag=True,
        envvar="RATCHET_FOREGROUND",
        help="Run in this process, without the daemon (RATCHET_FOREGROUND=1).",
    ),
    click.option("--detach", is_flag=True, help="Leave the task to the daemon and return at once."),
    click.option(
        "--priority",
        type=click.IntRange(0, 1000),
        default=100,
        metavar="N",
        help="Turn in the daemon's queue; the lower number goes first (default 100).",
    ),
    click.option(
        "--deadline",
        callback=_moment,
        metavar="WHEN",
        help="End by then: 30m, 2h, or a time like 2026-01-31T18:00.",
    ),
    click.option("--budget", type=click.FloatRange(min=0), metavar="USD", help="Most to spend on models."),
)


def task_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the shared options; the command gets them as its first argument."""

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        shared = {name: values.pop(name) for name in TaskOptions.__dataclass_fields__}
        command(TaskOptions(**shared), **values)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options


def goal_argument(name: str) -> Decorator:
    """Add an argument in words, read from standard input when it is `-`."""
    return click.argument("goal", metavar=name, callback=_words)


def _words(ctx: click.Context, param: click.Parameter, value: str) -> str:
    text = sys.stdin.read() if value == "-" else value
    if not text.strip():
        raise click.BadParameter("it is empty", ctx, param)
    return text.strip()


model_option: Decorator = click.option(
    "--model",
    metavar="NAME",
    help="The model of [models.NAME] to use; by default the stages of [routing].",
)
