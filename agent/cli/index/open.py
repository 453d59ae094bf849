"""Opens the index for the commands that ask it, and shows how it is brought up to date."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from agent.cli.options import directory_option, json_option, print_json
from agent.cli.terminal import console, sanitize
from agent.config import state_dir
from agent.index.build import OnProgress
from agent.index.code_index import CodeIndex
from agent.index.snapshot import SnapshotView
from agent.protocol.value import Value
from agent.repo.store import Store

F = TypeVar("F", bound=Callable[..., Any])
_FEW = 200


def index_options(limit: int, of: str = "answers") -> Callable[[F], F]:
    """Add what every command that asks takes; `limit` is the default of `--limit`, `of` what it counts."""

    def add(command: F) -> F:
        most = click.option(
            "--limit",
            type=click.IntRange(min=1),
            default=limit,
            show_default=True,
            metavar="N",
            help=f"At most so many {of}.",
        )
        return revision_option(directory_option(json_option(most(command))))

    return add


def revision_option(command: F) -> F:
    """Add `--rev REV`, passed as `revision`."""
    option = click.option(
        "--rev",
        "revision",
        metavar="REV",
        help="Ask about a revision instead of the working tree.",
    )
    return option(command)


@contextmanager
def opened(directory: Path) -> Iterator[tuple[Store, CodeIndex]]:
    """Yield the repository around a directory and its index."""
    store = Store.open(directory, state_dir())
    with CodeIndex(store) as index:
        yield store, index


@contextmanager
def snapshot(directory: Path, revision: str | None) -> Iterator[tuple[Store, SnapshotView]]:
    """Yield the repository and a snapshot of it, brought up to date."""
    with opened(directory) as (store, index), progress_bar() as on_progress:
        view = index.view(revision, on_progress)
        warn(index)
        yield store, view


def warn(index: CodeIndex) -> None:
    """Say on stderr why not everything is indexed."""
    if index.problem:
        click.echo(f"ratchet: not everything is indexed: {sanitize(index.problem)}", err=True)


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """Yield what shows progress on stderr: a bar on a terminal, a line now and then in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("indexing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    target = console(stderr=True)
    with Progress(*columns, console=target, transient=True, disable=not target.is_terminal) as bar:
        task = bar.add_task("indexing", total=None, visible=False)
        said = 0

        def show(done: int, total: int) -> None:
            nonlocal said
            bar.update(task, completed=done, total=total, visible=total > _FEW)
            if not target.is_terminal and total > _FEW and done * 4 // total > said:
                said = done * 4 // total
                target.print(f"indexing {done}/{total}")

        yield show


def show(found: Value, as_json: bool) -> bool:
    """Print an answer as JSON when that is asked for; returns whether it was."""
    if as_json:
        print_json(found.model_dump(mode="json", exclude={"commit"}))
    return as_json


def read_query(text: str) -> str:
    """Return a query, read from standard input when it is `-`."""
    return sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text
