"""`ratchet ci review`: bugs that the change of a job brings in, proven where a test shows them."""

from typing import Any

import click

from agent.cli.ci.options import ReportFiles, ci_options
from agent.cli.work.options import TaskOptions, model_option


@click.command()
@click.argument("change", required=False, metavar="[BASE..HEAD]")
@click.option("--about", "goal", default="", metavar="TEXT", help="What to look at in particular.")
@click.option(
    "--fail-on",
    type=click.Choice(["proven", "none"]),
    default="proven",
    help="`proven` (the default): exit with 21 when a finding is proven.",
)
@model_option
@ci_options
def review(
    options: TaskOptions, files: ReportFiles, change: str | None, goal: str, fail_on: str, model: str | None
) -> None:
    """Look for bugs that a change brings in; needs a language model.

    Without an argument the change is what the pull request, merge request or push of this job brings to HEAD.
    """
    from agent.cli.ci.change import change_of
    from agent.cli.ci.publish import published
    from agent.cli.work.session import perform
    from agent.protocol.task import TaskKind

    with published(files, options) as publish:
        base, head = change_of(change, options.directory, publish.place)
        more: dict[str, Any] = {"base": base, "head": head, "fail_on_proven": fail_on == "proven"}
        perform(TaskKind.REVIEW, options, (), finished=publish, goal=goal, planner=model, **more)
