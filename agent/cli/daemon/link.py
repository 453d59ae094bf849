"""The command line's way to the daemon: one job, run to its end on one connection."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from agent.cli.terminal import one_line
from agent.client.client import Client
from agent.client.launch import finder
from agent.config import state_dir

T = TypeVar("T")
Job = Callable[[Client], Awaitable[T]]


def ask(job: Job[T]) -> T:
    """Run a job with a client of this machine's daemon, which is started when none runs."""

    async def run() -> T:
        async with Client(finder(state_dir(), note)) as client:
            return await job(client)

    return asyncio.run(run())


def note(sentence: str) -> None:
    """Say something beside the result."""
    click.echo(f"ratchet: {one_line(sentence)}", err=True)
