"""`ratchet do`: make a change that was asked for in words, and prove it."""

from typing import Any

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.work.options import TaskOptions, goal_argument, model_option, task_options


@click.command()
@goal_argument("GOAL")
@click.option(
    "--as",
    "intent",
    type=click.Choice(["implement", "refactor", "document"]),
    help="What proves it (default: by the first word of GOAL). implement: tests that fail without the "
    "change and pass with it; refactor, document: no test changes its outcome.",
)
@click.option("--test", "tests", multiple=True, metavar="TEST", help="A shell command that is the check.")
@click.option("--clean", is_flag=True, help="Start from HEAD and ignore uncommitted changes.")
@click.option("--apply", is_flag=True, help="Also merge the proven patch into the working tree.")
@click.option("--branch", help="Name of the branch to create (default: ratchet/<task id>).")
@model_option
@task_options
def do(
    options: TaskOptions,
    goal: str,
    intent: str | None,
    tests: tuple[str, ...],
    clean: bool,
    apply: bool,
    branch: str | None,
    model: str | None,
) -> None:
    """Make the change that GOAL asks for, and prove it; `-` reads it from standard input.

    Needs a language model (see `ratchet doctor --models`). Works on a copy: your checkout stays as it
    is. The change is delivered as a branch, and only when the harness, not the model, could prove it.

    \b
    ratchet do "let Cart.total take a discount in percent"
    ratchet do "rename Cart.total to Cart.sum" --apply
    gh issue view 7 --json body -q .body | ratchet do -
    """
    with shown_to_the_user(options.as_json):
        from agent.cli.work.session import perform
        from agent.client.intent import intent_of
        from agent.protocol.task import Intent, TaskKind

        meant = Intent(intent) if intent else intent_of(goal)
        more: dict[str, Any] = {"clean": clean, "apply": apply, "branch": branch}
        perform(TaskKind.DO, options, tests, goal=goal, intent=meant, planner=model, **more)
