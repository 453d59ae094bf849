"""Runs a task for a command: progress to stderr, the result to stdout, Ctrl-C cancels."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from agent.cli.preview import print_preview
from agent.cli.progress import ProgressLine
from agent.cli.task_options import TaskOptions
from agent.cli.task_output import print_report
from agent.cli.task_request import request
from agent.cli.terminal import console
from agent.config import state_dir
from agent.protocol.event import Event
from agent.protocol.outcome import Outcome, exit_code
from agent.protocol.report import Report, report
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.submit import Submission


def perform(kind: TaskKind, options: TaskOptions, tests: tuple[str, ...], **more: Any) -> None:
    """Run or preview the task that a command asks for; raises UsageError and RepositoryError."""
    spec = request(
        kind, options.directory, tests=tests, sandbox=options.sandbox, timeout=options.timeout, **more
    )
    if options.dry_run:
        print_preview(spec, as_json=options.as_json)
    else:
        _run(spec, options)


def _run(spec: TaskSpec, options: TaskOptions) -> None:
    """Run a task to its end, print it, and exit with its code."""
    cancel = threading.Event()
    with _cancelled_by_signals(cancel), ProgressLine(console(stderr=True)) as progress:
        submission = Submission(
            state_dir(),
            on_progress=progress,
            on_event=_print_event if options.events else _ignore,
            cancel=cancel,
        )
        reports = [report(state) for state in submission.run(spec)]
    if options.as_json and not options.events:
        click.echo(json.dumps(_as_one(reports)))
    elif not options.events:
        for one in reports:
            print_report(console(), one)
    sys.exit(max((exit_code(one.outcome, strict=options.strict) for one in reports), default=0))


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


@contextmanager
def _cancelled_by_signals(cancel: threading.Event) -> Iterator[None]:
    """Cancel on the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once."""

    def stop(number: int, _: FrameType | None) -> None:
        if cancel.is_set():
            sys.exit(exit_code(Outcome.INTERRUPTED))
        cancel.set()
        click.echo("cancelling; containers are taken down (again to quit at once)", err=True)

    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
