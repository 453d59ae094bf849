"""The daemon that the tests of the TUI share."""

from collections.abc import Iterator

import pytest

from tests.daemon.daemon_process import DaemonProcess


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon that runs no code; see ScriptedStory for what its tasks do."""
    with DaemonProcess(tmp_path_factory.mktemp("scripted")) as daemon:
        yield daemon
