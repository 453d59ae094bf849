"""`ratchet ci verify`: what the change of a job does to every test."""

import click

from agent.cli.ci.options import ReportFiles, ci_options
from agent.cli.work.options import TaskOptions


@click.command()
@click.argument("change", required=False, metavar="[BASE..HEAD]")
@click.option(
    "--test",
    "tests",
    multiple=True,
    metavar="TEST",
    help="Measure only this node id or path, or this shell command. May be repeated.",
)
@ci_options
def verify(options: TaskOptions, files: ReportFiles, change: str | None, tests: tuple[str, ...]) -> None:
    """Say what a change does to every test.

    Without an argument the change is what the pull request, merge request or push of this job brings to HEAD.
    Outside of CI it is what is uncommitted. Exit code 0 means that nothing is broken or lost, 21
    that something is.
    """
    from agent.cli.ci.change import change_of
    from agent.cli.ci.publish import published
    from agent.cli.work.session import perform
    from agent.protocol.task import TaskKind

    with published(files, options) as publish:
        base, head = change_of(change, options.directory, publish.place)
        perform(TaskKind.VERIFY, options, tests, finished=publish, base=base, head=head)
