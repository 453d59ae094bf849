"""`ratchet bot`: pull requests and issues of a forge as a front end."""

import click

from agent.cli.lazy_group import LazyGroup

_COMMANDS = {
    "serve": ("agent.cli.bot.serve:serve", "Take deliveries of a webhook."),
    "poll": ("agent.cli.bot.poll:poll", "Ask the forge what happened, where no webhook reaches."),
    "replay": ("agent.cli.bot.replay:replay", "Make the tasks of a delivery that lies in a file."),
    "status": ("agent.cli.bot.status:status", "Say what is set, and what was missed."),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def bot() -> None:
    """Work on the pull requests and issues of a forge: `/ratchet help` in a comment.

    The settings are `[bot]` of your configuration; docs/bot.md tells how to set it up, and who may ask.

    \b
    ratchet bot status                      what is set, and what is missing
    ratchet bot serve                       take deliveries on this machine
    ratchet bot poll                        ask instead, where no webhook reaches
    ratchet bot replay event.json --wait    what one delivery leads to
    """
