"""`ratchet index build` and `ratchet index status`."""

import time
from collections.abc import Mapping
from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.index.open import index_options, opened, progress_bar, warn
from agent.cli.options import print_json
from agent.cli.terminal import sanitize
from agent.protocol.index import IndexStatus


@click.command()
@index_options(limit=50, of="languages and reasons")
def build(limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """Index every file that is new since the last time, then resolve which files depend on which.

    Files are recognised by their content, so a branch switch costs only what differs. Names that
    .gitignore or .ratchetignore leave out, binary, generated and vendored files are not indexed.
    """
    with shown_to_the_user(as_json):
        began = time.monotonic()
        with opened(directory) as (_, index), progress_bar() as on_progress:
            view = index.view(revision, on_progress)
            indexed = time.monotonic() - began
            warn(index)
            view.edges()
            document = {**_shortened(index.status(revision), limit), "seconds": round(indexed, 3)}
            document["seconds_resolved"] = round(time.monotonic() - began, 3)
            index.collect()
        _show(document, as_json)


@click.command()
@index_options(limit=50, of="languages and reasons")
def status(limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """Say what is indexed and whether it is up to date; nothing is indexed by asking."""
    with shown_to_the_user(as_json), opened(directory) as (_, index):
        _show(_shortened(index.status(revision), limit), as_json)


def _shortened(status: IndexStatus, limit: int) -> dict[str, object]:
    """Return the figures, of languages and of reasons only the most frequent."""
    few = {name: dict(list(each.items())[:limit]) for name, each in _tables(status).items()}
    return {**status.model_dump(mode="json", exclude={"building"}), **few}


def _tables(status: IndexStatus) -> dict[str, Mapping[str, int]]:
    return {"languages": status.languages, "skipped": status.skipped}


def _show(document: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        click.echo(f"{name.replace('_', ' ')}: {sanitize(str(shown))}")
