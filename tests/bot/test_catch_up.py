"""What nobody took is sent again, once; from the list that the forge keeps."""

import itertools
import time
from pathlib import Path

from agent.bot.catch_up import catch_up, missed
from agent.repo.forge.open import open_forge
from agent.repo.forge.values import Delivery
from tests.bot.served import Served
from tests.daemon.daemon_process import DaemonProcess
from tests.forge.fake import FakeForge

_NUMBERS = itertools.count()


def _delivery(guid: str, *, ok: bool = False, event: str = "issue_comment", **more: bool) -> Delivery:
    number = next(_NUMBERS)
    return Delivery(id=number, guid=guid, event=event, delivered_at=number, ok=ok, **more)


def test_what_failed_and_was_not_sent_again_is_missed_oldest_first() -> None:
    one, two = _delivery("one"), _delivery("two", event="workflow_run")
    others = [_delivery("fine", ok=True), _delivery("star", event="star")]
    assert missed([*others, two, one]) == [one, two]


def test_nothing_is_sent_again_twice() -> None:
    for again in (_delivery("one", ok=True), _delivery("one", redelivery=True)):
        assert missed([again, _delivery("one")]) == []


def test_what_came_while_the_bot_was_away_becomes_a_task_when_it_is_back(
    tmp_path: Path, resting: DaemonProcess
) -> None:
    with FakeForge(tmp_path) as fake:
        shop = fake.add_repository("acme/shop")
        number = shop.open_issue("Add tax", "Please.", "ann")
        asked = shop.comment(number, "ann", "/ratchet do it")
        fake.miss("issue_comment", "created", shop, comment=asked)
        forge = open_forge(fake.bot_config(app=True), None)
        with Served(resting.state, secrets=(fake.secret.encode(),)) as bot:
            fake.hook(f"http://127.0.0.1:{bot.port}/webhook")
            counts = []
            for _ in range(2):
                counts.append(catch_up(forge, time.time()))
                fake.settle()
    assert counts == [1, 0]
    assert len([said for said in bot.said if said.startswith("delivery ")]) == 1
