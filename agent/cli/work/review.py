"""`ratchet review`: bugs that a change brings in, proven where a test shows them."""

from typing import Any

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.work.options import TaskOptions, model_option, task_options


@click.command()
@click.argument("change", required=False, metavar="[BASE..HEAD]")
@click.option("--about", "goal", default="", metavar="TEXT", help="What to look at in particular.")
@click.option(
    "--fail-on",
    type=click.Choice(["proven", "none"]),
    default="none",
    help="`proven`: exit with 21 when a finding is proven.",
)
@model_option
@task_options
def review(options: TaskOptions, change: str | None, goal: str, fail_on: str, model: str | None) -> None:
    """Look for bugs that a change brings in.

    Needs a language model. A finding is proven only when a test, run by the harness, fails on the
    change and passes on its base; the others are listed apart.

    \b
    ratchet review                  the uncommitted changes
    ratchet review main..HEAD       a branch
    """
    with shown_to_the_user(options.as_json):
        from agent.cli.work.revisions import ends
        from agent.cli.work.session import perform
        from agent.protocol.task import TaskKind

        base, head = ends(change)
        more: dict[str, Any] = {"base": base, "head": head, "fail_on_proven": fail_on == "proven"}
        perform(TaskKind.REVIEW, options, (), goal=goal, planner=model, **more)
