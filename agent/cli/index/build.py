"""`ratchet index build` and `ratchet index status`."""

import time
from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import directory_option, json_option, print_json


@click.command()
@click.option("--rev", "revision", metavar="REV", help="Index a revision instead of the working tree.")
@directory_option
@json_option
def build(revision: str | None, directory: Path, as_json: bool) -> None:
    """Index every file that is new since the last time, then resolve which files depend on which.

    Files are recognised by their content, so a branch switch costs only what differs. Names that
    .gitignore or .ratchetignore leave out, binary, generated and vendored files are not indexed.
    """
    with shown_to_the_user(as_json):
        from agent.cli.index.open import opened, progress_bar, warn

        began = time.monotonic()
        with opened(directory) as (_, index), progress_bar() as on_progress:
            view = index.view(revision, on_progress)
            indexed = time.monotonic() - began
            warn(index)
            view.edges()
            document = {**index.status(revision).document(), "seconds": round(indexed, 3)}
            document["seconds_resolved"] = round(time.monotonic() - began, 3)
            index.collect()
        _show(document, as_json)


@click.command()
@click.option("--rev", "revision", metavar="REV", help="Look at a revision instead of the working tree.")
@directory_option
@json_option
def status(revision: str | None, directory: Path, as_json: bool) -> None:
    """Say what is indexed and whether it is up to date; nothing is indexed by asking."""
    with shown_to_the_user(as_json):
        from agent.cli.index.open import opened

        with opened(directory) as (_, index):
            _show(index.status(revision).document(), as_json)


def _show(document: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    from agent.cli.terminal import sanitize

    for name, value in document.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        click.echo(f"{name.replace('_', ' ')}: {sanitize(str(shown))}")
