"""`ratchet bot serve`: deliveries of a webhook become tasks of the daemon."""

import asyncio
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from agent.bot.server import At


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8095, show_default=True, help="Port.")
@click.option("--path", default="/webhook", show_default=True, help="Path that deliveries are posted to.")
def serve(host: str, port: int, path: str) -> None:
    """Take deliveries of a webhook until Ctrl-C or SIGTERM; GET /healthz says that it is alive.

    Each delivery is checked against the secret of the webhook (RATCHET_WEBHOOK_SECRET, or what [bot] secrets
    says) before it is read, and answered once its tasks are recorded. Something that speaks TLS has to stand
    in front. As a GitHub App, what was missed in the last three days is sent again.

    \b
    export RATCHET_WEBHOOK_SECRET=$(openssl rand -hex 32)
    ratchet bot serve --port 8095 --path /webhook
    """
    from agent.bot.server import At
    from agent.cli.errors import shown_to_the_user

    if not path.startswith("/") or path == "/healthz":
        raise click.BadParameter("a path begins with / and is not /healthz", param_hint="--path")
    with shown_to_the_user():
        asyncio.run(_serve(At(host, port, path)))


async def _serve(at: "At") -> None:
    from agent.bot.catch_up import keep_up
    from agent.bot.intake import Intake
    from agent.bot.server import listen, serve
    from agent.bot.signature import signatures
    from agent.cli.bot.who import client, login, settings
    from agent.cli.daemon.link import note
    from agent.repo.forge.open import open_forge

    config = settings()
    checked = signatures(config.secrets)
    forge = open_forge(config, None)
    ours = await asyncio.to_thread(login, config, forge, note)
    with listen(at) as listening:
        async with client(note) as tasks:
            # Whatever keeps the daemon from working is better known now than at the first delivery.
            await tasks.health()
            await serve(
                Intake(config, checked, tasks, ours, note), at, listening, note, [keep_up(forge, note)]
            )
