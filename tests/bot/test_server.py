"""The server begins where it can, ends with what goes on beside it, and says who can reach it."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from agent.bot.intake import Intake
from agent.bot.server import At, CannotServe, listen, serve
from agent.bot.signature import Signatures
from agent.client.client import Client
from agent.client.launch import finder
from agent.protocol.errors import UsageError
from agent.sections import BotConfig
from tests.bot.deliveries import SECRET


async def _fails() -> None:
    raise UsageError("the key is gone")


async def _asks_to_end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(60)


def test_an_address_that_is_taken_is_an_error_with_a_hint() -> None:
    with listen(At(port=0)) as taken, pytest.raises(CannotServe) as refused:
        listen(At(port=taken.getsockname()[1]))
    assert "--port" in refused.value.hint


@pytest.mark.parametrize(("host", "warns"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])
def test_whoever_can_be_reached_from_elsewhere_is_warned(host: str, warns: bool, tmp_path: Path) -> None:
    said: list[str] = []
    at = At(host=host, port=0)

    async def run() -> None:
        async with Client(finder(tmp_path, said.append)) as tasks:
            intake = Intake(BotConfig(), Signatures([SECRET]), tasks)
            with listen(at) as listening:
                await serve(intake, at, listening, said.append, [_asks_to_end()])

    asyncio.run(run())
    assert said[0].startswith("deliveries come in at http://")
    assert ("WARNING" in said[1]) is warns


def test_what_fails_beside_it_ends_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with Client(finder(tmp_path, print)) as tasks:
            intake = Intake(BotConfig(), Signatures([SECRET]), tasks)
            with listen(At(port=0)) as listening:
                await serve(intake, At(port=0), listening, print, [_fails()])

    with pytest.raises(UsageError, match="the key is gone"):
        asyncio.run(run())
