"""`ratchet ci fix`: a proven fix for what fails on the commit of a job."""

import click

from agent.cli.ci.options import ReportFiles, ci_options
from agent.cli.work.options import TaskOptions


@click.command()
@click.option(
    "--test",
    "tests",
    multiple=True,
    metavar="TEST",
    help="A node id or path to fix, or one shell command that is the check. May be repeated.",
)
@click.option(
    "--planner",
    metavar="NAME",
    help="search, a model of [models.NAME], or auto: the stages of [routing] (default: auto).",
)
@ci_options
def fix(options: TaskOptions, files: ReportFiles, tests: tuple[str, ...], planner: str | None) -> None:
    """Find and prove a fix for failing tests.

    Starts from HEAD and ignores what the job left in the working tree. The fix becomes a branch of this
    clone, and with --patch a file; nothing is pushed.
    """
    from agent.cli.ci.publish import published
    from agent.cli.work.session import perform
    from agent.protocol.task import TaskKind

    with published(files, options) as publish:
        perform(TaskKind.FIX, options, tests, finished=publish, planner=planner, clean=True)
