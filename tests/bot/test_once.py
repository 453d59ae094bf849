"""Deliveries that come up to five times, in any order, while bot and daemon come and go: one task each."""

import contextlib
import http.client
import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bot.deliveries import comment, encoded, headers
from tests.bot.served import Served
from tests.daemon.daemon_process import PATIENCE, DaemonProcess, until

_SENDERS = 8


def _sent(count: int, dice: random.Random) -> list[tuple[int, dict[str, str], bytes]]:
    """Return everything that is sent, in a random order: the same GUID again, or the body under a new one."""
    found = []
    for number in range(count):
        body = encoded(comment(id=number))
        guid = str(uuid.UUID(int=dice.getrandbits(128)))
        for _ in range(dice.choice((1, 1, 1, 1, 1, 2, 2, 3, 4, 5))):
            found.append((number, headers("issue_comment", body, guid), body))
            guid = guid if dice.random() < 0.5 else str(uuid.UUID(int=dice.getrandbits(128)))
    dice.shuffle(found)
    return found


class _Pair:
    """A bot and a daemon on one port and one state directory, each of which can be started anew."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.daemon = self._daemon()
        self.bot = self._bot(0)

    def _daemon(self) -> DaemonProcess:
        # Without a key nothing is shown anywhere, whatever the machine that runs the tests has.
        environ = {"GITHUB_TOKEN": ""}
        return DaemonProcess(self._state, "--workers", "0", environ=environ).__enter__()

    def _bot(self, port: int) -> Served:
        return Served(self._state, starts_daemon=False, port=port).__enter__()

    def renew(self, number: int) -> None:
        """End one of them, and begin it again."""
        if number % 2:
            self.bot.__exit__()
            self.bot = self._bot(self.bot.port)
        else:
            self.daemon.kill()
            self.daemon = self._daemon()

    def close(self) -> None:
        self.bot.__exit__()
        self.daemon.stop()


def _deliver(pair: _Pair, sent: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    """Send until it is taken, as the forge does when it is asked to; return the task."""
    number, given, body = sent
    for _ in until(PATIENCE):
        connection = http.client.HTTPConnection("127.0.0.1", pair.bot.port, timeout=PATIENCE)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", "/webhook", body, given)
            answer = connection.getresponse()
            if answer.status == 202:
                return number, answer.read().decode().strip()
            assert answer.status == 503, answer.read()
    raise AssertionError("nobody takes it")


def _count(daemon: DaemonProcess) -> int:
    with daemon.client() as asked:
        return sum(one["tasks"] for one in asked.get("/v1/repositories").json())


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[_Pair]:
    made = _Pair(tmp_path / "state")
    yield made
    made.close()


def _all_become_one_task_each(pair: _Pair, count: int, restarts: int) -> None:
    sent = _sent(count, random.Random(count))
    with ThreadPoolExecutor(_SENDERS) as senders:
        waiting = [senders.submit(_deliver, pair, one) for one in sent]
        for number in range(restarts):
            while sum(one.done() for one in waiting) < len(sent) * (number + 1) // (restarts + 1):
                time.sleep(0.01)
            pair.renew(number)
        found = {one.result() for one in waiting}
    print(f"{len(sent)} deliveries of {count}, {restarts} restarts: {_count(pair.daemon)} tasks")
    assert len(found) == count, "one delivery led to several tasks"
    assert len({task for _, task in found}) == count
    assert _count(pair.daemon) == count


def test_each_delivery_becomes_one_task_however_often_it_comes(pair: _Pair) -> None:
    _all_become_one_task_each(pair, 120, restarts=2)


@pytest.mark.long
def test_each_of_ten_thousand_deliveries_becomes_one_task(pair: _Pair) -> None:
    _all_become_one_task_each(pair, 10_000, restarts=10)
