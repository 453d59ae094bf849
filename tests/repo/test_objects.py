"""Our own repository for one of the user's, while other processes work on it, too."""

import fcntl
import threading

import pytest

from agent.protocol.errors import Interrupted
from agent.repo.store import Store
from tests.repo.project import Project


def test_nobody_waits_for_another_process_once_interrupted(project: Project) -> None:
    interrupt = threading.Event()
    store = Store.open(project.root, project.state, interrupt)
    with (store.objects.home / "lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        threading.Timer(0.3, interrupt.set).start()
        with pytest.raises(Interrupted), store.objects.locked():
            pass
        with pytest.raises(Interrupted):
            Store.open(project.root, project.state, interrupt)
    with store.objects.locked():
        pass
