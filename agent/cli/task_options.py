"""The options that every command which runs a task shares, handed over as one value."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
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
