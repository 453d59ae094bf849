"""Forged and mutated deliveries over real HTTP: none is accepted, none is an error of ours."""

import http.client
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bot.forging import Forgery, forgery
from tests.bot.served import Served
from tests.daemon.daemon_process import DaemonProcess

CUT = 0
"""Stands for a connection that was cut before an answer."""


def _send(port: int, forged: Forgery) -> int:
    """Return the status that is answered, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest("POST", "/webhook")
        for name, value in forged.headers:
            connection.putheader(name, value)
        length = (
            ("Transfer-Encoding", "chunked") if forged.chunked else ("Content-Length", str(len(forged.body)))
        )
        connection.putheader(*length)
        connection.endheaders(
            _pieces(forged.body) if forged.chunked else forged.body, encode_chunked=forged.chunked
        )
        return connection.getresponse().status
    except (ConnectionError, http.client.RemoteDisconnected):
        return CUT
    finally:
        connection.close()


def _pieces(body: bytes) -> Iterator[bytes]:
    for at in range(0, len(body), 50_000):
        yield body[at : at + 50_000]


def _attack(port: int, seed: int, count: int) -> Counter[tuple[str, int]]:
    dice = random.Random(seed)
    sent = [forgery(dice) for _ in range(count)]
    with ThreadPoolExecutor(4) as threads:
        statuses = threads.map(lambda one: _send(port, one), sent)
        return Counter((forged.kind, status) for forged, status in zip(sent, statuses, strict=True))


def _withstand(bot: Served, daemon: DaemonProcess, count: int) -> None:
    with daemon.client() as asked:
        before = asked.get("/v1/repositories").json()
        answered: Counter[tuple[str, int]] = Counter()
        for seed in range(0, count, 1_000):
            answered += _attack(bot.port, seed, min(1_000, count - seed))
        after = asked.get("/v1/repositories").json()
    print(*sorted(answered.items()), sep="\n")
    accepted = {one: many for one, many in answered.items() if one[1] == 202 or one[1] >= 500}
    assert (sum(answered.values()), accepted) == (count, {})
    # Only who sends too much is cut off.
    assert {kind for kind, status in answered if status == CUT} <= {"_huge"}
    assert after == before, "a task was made"


def test_no_forged_delivery_is_accepted_and_none_breaks_anything(bot: Served, resting: DaemonProcess) -> None:
    _withstand(bot, resting, 600)


@pytest.mark.long
def test_no_forged_delivery_of_very_many_is_accepted(bot: Served, resting: DaemonProcess) -> None:
    _withstand(bot, resting, 100_000)
