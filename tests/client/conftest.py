"""State directories whose daemons end with the test."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.client import registration
from agent.client.process import is_alive
from tests.daemon.daemon_process import PATIENCE, until


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """Return a state directory; whatever daemon serves it is ended afterwards."""
    directory = tmp_path / "state"
    yield directory
    written = registration.read(directory)
    if written is not None:
        end(written.pid)


def end(pid: int) -> None:
    """End a daemon in good order, and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    for _ in until(PATIENCE):
        if not is_alive(pid):
            return
    raise AssertionError(f"the daemon {pid} does not end")
