"""A daemon whose tasks do what their tests say, for all tests that need one; and a repository."""

from collections.abc import Iterator

import pytest

from tests.daemon.daemon_process import DaemonProcess
from tests.e2e.conftest import CART, Repository, new_repository


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon that runs no code; see ScriptedStory for what its tasks do."""
    with DaemonProcess(tmp_path_factory.mktemp("scripted")) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository for all tests of a module: the cart, in which one test fails."""
    return new_repository(tmp_path_factory.mktemp("project"), CART)
