"""The options of the commands that look after the repository and the machine."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def directory_option(command: F) -> F:
    """Add `-C DIR`, passed as `directory`."""
    option = click.option(
        "-C",
        "directory",
        type=click.Path(path_type=Path),
        default=Path(),
        metavar="DIR",
        help="The repository, or a folder in it.",
    )
    return option(command)


def json_option(command: F) -> F:
    """Add `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")(command)


def print_json(document: object) -> None:
    """Print one JSON object in ASCII, so that no outside text reaches a terminal raw."""
    click.echo(json.dumps(document, indent=2))
