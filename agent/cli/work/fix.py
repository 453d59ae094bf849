"""`ratchet fix`: find, prove and deliver a fix for failing tests."""

from typing import Any

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.work.options import TaskOptions, task_options


@click.command()
@click.option(
    "--test",
    "tests",
    multiple=True,
    metavar="TEST",
    help="A node id or path to fix, or one shell command that is the check. May be repeated.",
)
@click.option("--clean", is_flag=True, help="Start from HEAD and ignore uncommitted changes.")
@click.option("--apply", is_flag=True, help="Also merge the proven patch into the working tree.")
@click.option("--branch", help="Name of the branch to create (default: ratchet/<task id>).")
@click.option(
    "--planner",
    metavar="NAME",
    help="search, a model of [models.NAME], or auto: the stages of [routing] (default: auto).",
)
@click.option("--seed", type=int, default=0, hidden=True)
@task_options
def fix(
    options: TaskOptions,
    tests: tuple[str, ...],
    clean: bool,
    apply: bool,
    branch: str | None,
    planner: str | None,
    seed: int,
) -> None:
    """Find, prove and deliver a fix for failing tests.

    Works on a copy: your checkout stays as it is. A fix is delivered as a branch, and only when
    every named test passes in a sandbox and nothing that passed before broke.

    \b
    ratchet fix                                    whatever fails
    ratchet fix --test tests/test_cart.py::test_total
    ratchet fix --test "make check" --apply
    """
    with shown_to_the_user(options.as_json):
        from agent.cli.work.session import perform
        from agent.protocol.task import TaskKind

        more: dict[str, Any] = {"clean": clean, "apply": apply, "branch": branch, "seed": seed}
        perform(TaskKind.FIX, options, tests, planner=planner, **more)
