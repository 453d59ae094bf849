"""`ratchet bot poll`: the forge is asked what happened, where no webhook reaches."""

import asyncio
import contextlib
import signal
import time

import click


@click.command()
@click.option(
    "--every",
    "seconds",
    type=click.FloatRange(min=5),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="Pause between two rounds.",
)
@click.option(
    "--once",
    is_flag=True,
    help="Ask once and leave, for a timer; exits with 1 when the forge cannot be asked.",
)
def poll(seconds: float, once: bool) -> None:
    """Ask the forge what happened in the repositories that [bot] names, until Ctrl-C or SIGTERM.

    It begins with what happened two minutes ago, and goes on where it was when it is started again. Comments,
    labels, pushes to pull requests and failed runs are found; the buttons of check runs need a webhook.

    \b
    ratchet bot poll --every 60
    """
    from agent.cli.errors import shown_to_the_user

    with shown_to_the_user():
        failed = asyncio.run(_poll(None if once else seconds))
    if failed:
        raise click.exceptions.Exit(1)


async def _poll(seconds: float | None) -> int:
    """Return how many repositories could not be asked for, of one round."""
    from agent.bot.polling import Memory, Poll
    from agent.cli.bot.who import client, login, settings
    from agent.cli.daemon.link import note
    from agent.config import state_dir
    from agent.repo.forge.open import open_forge

    config = settings()
    forge = open_forge(config, None)
    ours = await asyncio.to_thread(login, config, forge, note)
    async with client(note) as tasks:
        asking = Poll(config, forge, tasks, Memory(state_dir()), ours, note)
        if seconds is None:
            return (await asking.once(time.time())).failed
        going = asyncio.ensure_future(asking.go_on(seconds))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, going.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await going
        return 0
