"""`ratchet bot status`: what is set, what is missing, and what was missed."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.cli.terminal import one_line

T = TypeVar("T")


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Say as whom the bot works and for which repositories, and what keeps it from working.

    The forge is asked who we are and, as a GitHub App, which deliveries failed in the last three days. Exits
    with 0 when nothing is missing, and with 1 otherwise. Starts nothing.

    \b
    ratchet bot status
    """
    with shown_to_the_user(as_json):
        facts, problems = _facts()
    if as_json:
        print_json({**facts, "problems": problems})
    else:
        for name, said in facts.items():
            click.echo(f"{name:<13} {one_line(_text(said))}")
        for problem in problems:
            click.echo(f"{'problem':<13} {one_line(problem)}")
    if problems:
        raise click.exceptions.Exit(1)


def _facts() -> tuple[dict[str, object], list[str]]:
    from agent.bot.catch_up import SPAN, missed
    from agent.bot.signature import signatures
    from agent.cli.bot.who import settings
    from agent.client import launch
    from agent.config import state_dir
    from agent.repo.forge.open import open_forge

    config = settings()
    problems: list[str] = []
    forge = _tried(lambda: open_forge(config, None), problems)
    signed = _tried(lambda: signatures(config.secrets), problems)
    daemon = _tried(lambda: asyncio.run(launch.running(state_dir().absolute())), problems)
    late = int(time.time()) - SPAN
    facts: dict[str, object] = {
        "forge": config.api,
        "as": _tried(lambda: forge.me().login, problems) if forge else None,
        "app": config.app,
        "secrets": len(signed) if signed else 0,
        "repositories": list(config.repositories),
        "label": config.label,
        "on_pull": config.on_pull,
        "on_failure": config.on_failure,
        "daemon": daemon is not None,
    }
    problems += daemon[1].problems if daemon else ()
    if forge and config.app is not None:
        facts["missed"] = _tried(lambda: len(missed(forge.deliveries(late))), problems)
    return facts, problems


def _tried(ask: Callable[[], T], problems: list[str]) -> T | None:
    from agent.protocol.errors import RatchetError

    try:
        return ask()
    except RatchetError as error:
        problems.append(f"{error.message} {f'({error.hint})' if error.hint else ''}".strip())
        return None


def _text(said: object) -> str:
    if isinstance(said, list):
        return ", ".join(said) or "all that it is in"
    return "none" if said is None else str(said).lower() if isinstance(said, bool) else str(said)
