"""`ratchet tasks prune`: forget finished tasks that nobody looks at any more."""

import os

import click

from agent.cli.ages import age
from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json

_DAY = 24 * 3600


@click.command()
@click.option(
    "--older-than",
    callback=age,
    metavar="AGE",
    help="Whatever ended so long ago: 12h, 30d, 8w (default: `days` of [retention], 30d).",
)
@click.option("--yes", is_flag=True, help="Every finished task.")
@json_option
def prune(older_than: int | None, yes: bool, as_json: bool) -> None:
    """Forget finished tasks: their events, reports and patches. Branches stay, and open tasks do.

    The daemon does so by itself for tasks older than `days` of [retention].

    \b
    ratchet tasks prune
    ratchet tasks prune --older-than 7d
    """
    with shown_to_the_user(as_json):
        from agent.config import load_user, state_dir
        from agent.engine.database import Database
        from agent.engine.retention import Keep
        from agent.engine.retention import prune as forget

        days = load_user().retention.days if older_than is None else older_than / _DAY
        # Ages are counted in whole seconds: what ended just now is not older than 0.
        days = -1 / _DAY if yes else days
        database = Database.open(os.environ.get("RATCHET_DATABASE_URL") or state_dir())
        try:
            pruned = forget(database, Keep(days=days, bytes=None))
        finally:
            database.close()
    if as_json:
        print_json({"tasks": pruned.tasks, "blobs": pruned.blobs})
    else:
        count = len(pruned.tasks)
        click.echo(f"forgot {count} finished task{'s' * (count != 1)}")
