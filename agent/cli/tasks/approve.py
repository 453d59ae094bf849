"""`ratchet tasks approve` and `deny`: a person answers what a task asks."""

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option
from agent.cli.tasks.ids import task_argument

if TYPE_CHECKING:
    from rich.console import Console

    from agent.client.client import Client
    from agent.protocol.api import TaskView
    from agent.protocol.policy import Approval


def _options(command: Any) -> Any:
    for option in (
        json_option,
        click.option("--reason", default="", metavar="TEXT", help="Kept with the answer."),
        click.option("--approval", metavar="ID", help="Which one, when the task asks several things."),
        task_argument,
    ):
        command = option(command)
    return command


@click.command()
@_options
@click.option(
    "--scope",
    type=click.Choice(["once", "task", "pattern"]),
    help="Also allow the same, or what --pattern matches, for the rest of the task; else once.",
)
@click.option("--pattern", metavar="GLOB", help="As in [policy]; of costs the most US dollars.")
def approve(
    task: str, approval: str | None, reason: str, as_json: bool, scope: str | None, pattern: str | None
) -> None:
    """Allow what a task asks for; it goes on. `ratchet tasks show` has the question.

    The first answer counts, in every front end. A wider yes holds when the task is tried again,
    too; it answers what you or the defaults ask, never a rule of the repository or the organization.

    \b
    ratchet tasks approve 8f3a
    ratchet tasks approve 8f3a --approval gate:1 --reason "reviewed"
    ratchet tasks approve 8f3a --pattern '.github/*'
    """
    from agent.protocol.policy import ApprovalScope

    implied = ApprovalScope.ONCE if pattern is None else ApprovalScope.PATTERN
    reach = {"scope": ApprovalScope(scope) if scope else implied, "pattern": pattern}
    _answer("approve", task, approval, reason, as_json, **reach)


@click.command()
@_options
def deny(task: str, approval: str | None, reason: str, as_json: bool) -> None:
    """Refuse what a task asks for; it ends as `denied`, and its patch is kept.

    \b
    ratchet tasks deny 8f3a --reason "not in CI files"
    """
    _answer("deny", task, approval, reason, as_json)


def _answer(verb: str, task: str, approval: str | None, reason: str, as_json: bool, **reach: Any) -> None:
    from agent.cli.daemon.link import ask
    from agent.cli.tasks.ids import resolve

    async def job(client: "Client") -> "TaskView":
        call = client.approve if verb == "approve" else client.deny
        return await call(await resolve(client, task), approval, reason, **reach)

    with shown_to_the_user(as_json):
        view = ask(job)
    if as_json:
        click.echo(view.model_dump_json())
        return
    from agent.cli.terminal import one_line

    for answer in view.answers[-1:]:
        click.echo(
            one_line(f"{view.summary.task_id}: {answer.approval_id}: {answer.decision} by {answer.by}")
        )


def print_approval(screen: "Console", task_id: str, approval: "Approval") -> None:
    """Print what a task asks, to the letter, and how to answer."""
    from rich.text import Text

    from agent.cli.terminal import one_line, sanitize

    screen.print(Text(f"asks         {one_line(approval.reason, 400)}", style="bold yellow"))
    # Logs of older versions name no rules.
    for action, rule in zip_longest(approval.actions, approval.rules):
        asks = f"   ({rule.origin}: {rule.decision} {one_line(rule.pattern)})" if rule else ""
        screen.print(Text(f"  {action.subject}: {one_line(action.value, 400)}{asks}"))
    if approval.detail:
        screen.print(Text(sanitize(approval.detail)))
    screen.print(
        Text(
            f"answer with  ratchet tasks approve {task_id} --approval {one_line(approval.id)}   (or deny)",
            style="dim",
        )
    )
