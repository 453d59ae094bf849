"""Runs a task for a command: progress to stderr, the result to stdout, Ctrl-C cancels."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import click

from agent.cli.terminal import console
from agent.cli.work.approval_prompt import ApprovalPrompt
from agent.cli.work.daemon_tasks import DaemonTasks
from agent.cli.work.follow import Approver, CancelledBySignals, Shown, Signpost, Tasks, follow
from agent.cli.work.options import TaskOptions
from agent.cli.work.output import print_report
from agent.cli.work.progress import ProgressLine
from agent.config import state_dir
from agent.protocol.errors import UsageError
from agent.protocol.event import Event
from agent.protocol.outcome import Outcome, exit_code
from agent.protocol.report import Report
from agent.protocol.task import TaskKind, TaskSpec

Finished = Callable[[Sequence[Report], int], None]


def perform(
    kind: TaskKind,
    options: TaskOptions,
    tests: tuple[str, ...],
    *,
    fail_on_proven: bool = False,
    finished: Finished | None = None,
    **more: Any,
) -> None:
    """Run, hand over or preview the task that a command asks for; raises RatchetError.

    `finished` hears of the reports, and of the exit code they lead to, before they are printed.
    """
    from agent.client.request import request
    from agent.repo.store import Store

    if options.detach and options.foreground:
        raise UsageError(
            "--detach leaves the task to the daemon, and --foreground does without one",
            hint="leave one of them out; RATCHET_FOREGROUND counts as the latter",
        )
    root = Store.open(options.directory.absolute(), state_dir()).root
    spec = request(
        kind,
        root,
        tests,
        seconds=options.timeout,
        sandbox=options.sandbox,
        budget=options.budget,
        priority=options.priority,
        deadline=options.deadline,
        attended=_is_attended(),
        **more,
    )
    if options.dry_run:
        from agent.cli.work.preview import print_preview

        print_preview(spec, as_json=options.as_json)
    elif options.detach:
        _hand_over(spec, as_json=options.as_json)
    else:
        reports = _followed(spec, options)
        code = _exit(reports, options, fail_on_proven=fail_on_proven)
        if finished is not None:
            finished(reports, code)
        show_reports(reports, events=options.events, as_json=options.as_json)
        sys.exit(code)


def _exit(reports: list[Report], options: TaskOptions, *, fail_on_proven: bool) -> int:
    proven = any(finding.proven for one in reports for finding in one.findings)
    failed = exit_code(Outcome.BROKEN) if fail_on_proven and proven else 0
    return max(failed, worst_exit(reports, strict=options.strict))


def _is_attended() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _hand_over(spec: TaskSpec, *, as_json: bool) -> None:
    """Leave a task to the daemon."""
    with DaemonTasks() as tasks:
        task_id = tasks.create(spec)
    click.echo(json.dumps({"task_id": task_id}) if as_json else task_id)
    click.echo(f"hint: `ratchet tasks watch {task_id}` follows it", err=True)


def _followed(spec: TaskSpec, options: TaskOptions) -> list[Report]:
    """Run a task to its end, and return its report and those of its children."""
    with (
        _place(options) as tasks,
        ProgressLine(console(stderr=True)) as progress,
        _approver(tasks, spec, progress) as approver,
        CancelledBySignals(tasks) as signals,
    ):
        shown = Shown(print_event if options.events else ignore, progress, approver)
        return follow(tasks, tasks.create(spec), shown, signals.turn_to)


def _place(options: TaskOptions) -> AbstractContextManager[Tasks]:
    if not options.foreground:
        return DaemonTasks()
    # Whatever runs tasks takes its time to import.
    from agent.cli.work.foreground import Foreground

    return Foreground(state_dir())


def _approver(tasks: Tasks, spec: TaskSpec, progress: ProgressLine) -> AbstractContextManager[Approver]:
    return ApprovalPrompt(tasks, progress) if spec.attended else nullcontext(Signpost())


def worst_exit(reports: list[Report], *, strict: bool = False) -> int:
    """Return the exit code of the worst of some tasks."""
    return max((exit_code(one.outcome, strict=strict) for one in reports), default=0)


def show_reports(reports: list[Report], *, events: bool, as_json: bool) -> None:
    """Print what tasks came to; with `events` everything was printed before."""
    if as_json and not events:
        click.echo(json.dumps(_as_one(reports)))
    elif not events:
        for one in reports:
            print_report(console(), one)


def _as_one(reports: list[Report]) -> dict[str, object]:
    """Return the report of the worst task, with all of them under `tasks` when there are several."""
    worst = max(reports, key=lambda one: exit_code(one.outcome))
    document: dict[str, object] = worst.model_dump(mode="json")
    if len(reports) > 1:
        document["tasks"] = [one.model_dump(mode="json") for one in reports]
    return document


def print_event(event: Event) -> None:
    """Print an event as one JSON line."""
    click.echo(event.model_dump_json())


def ignore(_: Event) -> None:
    """Print nothing."""
