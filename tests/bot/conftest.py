"""A daemon that takes tasks and works on none, and the bot in front of it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.bot.served import Served
from tests.daemon.daemon_process import DaemonProcess


@pytest.fixture(scope="session")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """Return a daemon without workers."""
    # Without a key nothing is shown anywhere, whatever the machine that runs the tests has.
    environ = {"GITHUB_TOKEN": ""}
    state = tmp_path_factory.mktemp("bot-state")
    with DaemonProcess(state, "--workers", "0", environ=environ) as started:
        yield started


@pytest.fixture(scope="session")
def bot(resting: DaemonProcess) -> Iterator[Served]:
    """Return the bot."""
    with Served(resting.state) as served:
        yield served


@pytest.fixture
def http(bot: Served) -> Iterator[httpx.Client]:
    """Return a client of the bot."""
    with httpx.Client(base_url=f"http://127.0.0.1:{bot.port}", timeout=60) as client:
        yield client
