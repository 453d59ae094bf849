"""`ratchet tasks show`: one task with its verdict, its patch and what it asks."""

import time
from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option
from agent.cli.tasks.ids import task_argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from agent.client.client import Client
    from agent.protocol.api import TaskPublication, TaskView
    from agent.protocol.event import Event


@click.command()
@task_argument
@click.option("--events", is_flag=True, help="Print the task's events so far as JSON Lines.")
@json_option
def show(task: str, events: bool, as_json: bool) -> None:
    """Show one task: where it stands, what it asks, and once it is finished its verdict and patch.

    \b
    ratchet tasks show 8f3a
    ratchet tasks show 8f3a --json | jq .report.verdict
    ratchet tasks show 8f3a --events
    """
    from agent.cli.daemon.link import ask
    from agent.cli.tasks.ids import resolve

    async def look(client: "Client") -> "tuple[TaskView, TaskPublication | None]":
        view = await client.task(await resolve(client, task))
        came = view.spec.trigger is not None
        return view, await client.publication(view.summary.task_id) if came else None

    async def remember(client: "Client") -> "list[Event]":
        return await client.history(await resolve(client, task))

    with shown_to_the_user(as_json):
        if events:
            for event in ask(remember):
                click.echo(event.model_dump_json())
            return
        view, publication = ask(look)
    if as_json:
        click.echo(view.model_dump_json())
    else:
        _print(view, publication)


def _print(view: "TaskView", publication: "TaskPublication | None") -> None:
    from agent.cli.tasks.approve import print_approval
    from agent.cli.terminal import console
    from agent.cli.work.output import print_report

    screen = console()
    _print_facts(screen, view, publication)
    for approval in view.open_approvals:
        print_approval(screen, view.summary.task_id, approval)
    if view.report:
        print_report(screen, view.report)


def _print_facts(screen: "Console", view: "TaskView", publication: "TaskPublication | None") -> None:
    from rich.text import Text

    from agent.cli.tasks.table import age, state_of
    from agent.cli.terminal import one_line

    task, spec, now = view.summary, view.spec, time.time()
    tests = ", ".join(spec.tests) or spec.command or "whatever fails" if task.kind == "fix" else ""
    facts: list[tuple[str, Text | str]] = [
        ("task", task.task_id),
        ("state", state_of(task)),
        (task.kind, one_line(tests or f"{spec.base or 'HEAD'}..{spec.head or 'working tree'}")),
        ("repository", one_line(task.repository)),
        ("came from", one_line(spec.trigger.origin if spec.trigger else "")),
        ("made", f"{age(now - task.created_at)} ago by {spec.front_end}, priority {task.priority}"),
        ("last step", f"{one_line(task.step)}, {age(now - task.updated_at)} ago"),
        ("part of", task.parent or ""),
        ("split into", ", ".join(view.children)),
    ]
    facts += [("answered", one_line(f"{a.approval_id}: {a.decision} by {a.by}")) for a in view.answers]
    facts += [("left there", one_line(said)) for said in (_published(publication) if publication else ())]
    for name, said in facts:
        if said:
            line = Text(f"{name:<12}", style="dim")
            screen.print(line + (said if isinstance(said, Text) else Text(said, style="default")))


def _published(publication: "TaskPublication") -> "Iterator[str]":
    """Yield what a task has made on its forge, what could not be made, and whether more is to come."""
    yield from (made.url for made in publication.effects if made.url)
    yield from (f"{made.name} was not taken: {made.failed}" for made in publication.effects if made.failed)
    if publication.problem:
        yield f"{'left as it is' if publication.left else 'not shown yet'}: {publication.problem}"
