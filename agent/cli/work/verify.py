"""`ratchet verify`: say what a change does to every test."""

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.work.options import TaskOptions, task_options


@click.command()
@click.argument("change", required=False, metavar="[BASE..HEAD]")
@click.option(
    "--test",
    "tests",
    multiple=True,
    metavar="TEST",
    help="Measure only this node id or path, or this shell command. May be repeated.",
)
@click.option("--clean", is_flag=True, help="With one revision: compare it with HEAD, not the working tree.")
@task_options
def verify(options: TaskOptions, change: str | None, tests: tuple[str, ...], clean: bool) -> None:
    """Say what a change does to every test, whoever made it.

    Without an argument the change is what is uncommitted. Exit code 0 means that nothing is
    broken or lost, 21 that something is.

    \b
    ratchet verify                  the uncommitted changes
    ratchet verify main             from main to the working tree
    ratchet verify main..HEAD       a branch
    """
    with shown_to_the_user(options.as_json):
        from agent.cli.work.revisions import ends
        from agent.cli.work.session import perform
        from agent.protocol.task import TaskKind

        base, head = ends(change, clean)
        perform(TaskKind.VERIFY, options, tests, base=base, head=head)
