"""The options that every command which runs a task shares."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "-C",
        "directory",
        type=click.Path(path_type=Path),
        default=Path(),
        help="The repository, or a folder in it.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
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


def task_options(command: F) -> F:
    """Add the shared options to a click command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
