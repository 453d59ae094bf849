"""`--dry-run`: what would run, where, and what leaves the machine; nothing of the repository runs."""

import json

import click

from agent.cli.terminal import sanitize
from agent.config import state_dir
from agent.protocol.task import TaskSpec
from agent.tasks.preview import Preview, preview


def print_preview(spec: TaskSpec, *, as_json: bool) -> None:
    """Print the preview of a task."""
    seen = preview(spec, state_dir())
    if as_json:
        click.echo(json.dumps({"dry_run": True, **seen.model_dump(mode="json")}))
        return
    for title, lines in _sections(seen):
        click.echo(f"{title}:")
        for line in lines or ("nothing",):
            click.echo(f"  {sanitize(line)}")


def _sections(seen: Preview) -> list[tuple[str, tuple[str, ...]]]:
    return [
        ("would run", seen.checks),
        ("on", (f"tree {seen.tree} of {seen.repository}{' (uncommitted changes)' if seen.dirty else ''}",)),
        ("in", (seen.sandbox,)),
        ("environment", seen.environment),
        ("leaves the machine", seen.leaves_the_machine),
        ("within", (seen.limits,)),
    ]
