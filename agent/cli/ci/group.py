"""`ratchet ci`: the commands that run tasks, for machines that nobody sits at."""

import click

from agent.cli.lazy_group import LazyGroup

_COMMANDS = {
    "verify": ("agent.cli.ci.verify:verify", "Say what a change does to every test."),
    "fix": ("agent.cli.ci.fix:fix", "Find and prove a fix for failing tests."),
    "review": ("agent.cli.ci.review:review", "Look for bugs that a change brings in, and prove them."),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def ci() -> None:
    """Verify, fix and review in CI: no daemon, and results where the CI shows them.

    In GitHub Actions the failures become annotations, and the verdict the summary of the step. Files for
    other systems are written on request. Exit codes are those of the commands without `ci`.

    \b
    ratchet ci verify                       the change that this job is about
    ratchet ci verify main..HEAD --junit junit.xml --sarif ratchet.sarif
    ratchet ci fix --patch fix.patch
    """
