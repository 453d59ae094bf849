"""Runs a task for a command: progress to stderr, the result to stdout, Ctrl-C cancels."""

import json
import sys
from typing import Any

import click

from agent.cli.follow import Tasks, follow
from agent.cli.foreground import Foreground
from agent.cli.preview import print_preview
from agent.cli.progress import ProgressLine
from agent.cli.task_options import TaskOptions
from agent.cli.task_output import print_report
from agent.cli.task_request import request
from agent.cli.terminal import console
from agent.config import state_dir
from agent.protocol.event import Event
from agent.protocol.outcome import exit_code
from agent.protocol.report import Report
from agent.protocol.task import TaskKind, TaskSpec


def perform(kind: TaskKind, options: TaskOptions, tests: tuple[str, ...], **more: Any) -> None:
    """Run or preview the task that a command asks for; raises UsageError and RepositoryError."""
    spec = request(kind, options, tests, **more)
    if options.dry_run:
        print_preview(spec, as_json=options.as_json)
        return
    with Foreground(state_dir()) as tasks:
        reports = _followed(tasks, spec, options)
    _print(reports, options)
    sys.exit(max((exit_code(one.outcome, strict=options.strict) for one in reports), default=0))


def _followed(tasks: Tasks, spec: TaskSpec, options: TaskOptions) -> list[Report]:
    """Run a task to its end, and return its report and those of its children."""
    with ProgressLine(console(stderr=True)) as progress:
        return follow(tasks, spec, _print_event if options.events else _ignore, progress)


def _print(reports: list[Report], options: TaskOptions) -> None:
    if options.as_json and not options.events:
        click.echo(json.dumps(_as_one(reports)))
    elif not options.events:
        for one in reports:
            print_report(console(), one)


def _as_one(reports: list[Report]) -> dict[str, object]:
    """Return the report of the worst task, with all of them under `tasks` when there are several."""
    worst = max(reports, key=lambda one: exit_code(one.outcome))
    document: dict[str, object] = worst.model_dump(mode="json")
    if len(reports) > 1:
        document["tasks"] = [one.model_dump(mode="json") for one in reports]
    return document


def _print_event(event: Event) -> None:
    click.echo(event.model_dump_json())


def _ignore(_: Event) -> None:
    pass
