"""Daemons for tests: one for all tests of a module, or as many as a test starts."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.daemon.daemon_process import DaemonProcess

Start = Callable[..., DaemonProcess]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """Return a daemon that serves TCP as well."""
    with DaemonProcess(tmp_path_factory.mktemp("state"), "--listen", "127.0.0.1:0") as started:
        yield started


@pytest.fixture
def http(daemon: DaemonProcess) -> Iterator[httpx.Client]:
    """Return a client of the module's daemon."""
    with daemon.client() as client:
        yield client


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a daemon of the test's own, and wait until it answers."""
    with contextlib.ExitStack() as stack:

        def starting(*options: str, state: Path | None = None, **more: Any) -> DaemonProcess:
            daemon = DaemonProcess(state or tmp_path / "state", *options, **more)
            stack.callback(daemon.stop)
            daemon.wait_until_ready()
            return daemon

        yield starting
