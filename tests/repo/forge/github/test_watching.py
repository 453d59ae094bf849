"""What happened on the fake forge while nobody listened."""

import time

import pytest

from agent.protocol.forge import Happened
from agent.repo.forge.errors import ForgeRefused, NotOnForge
from agent.repo.forge.port import Forge
from tests.repo.forge.answering import Said, answering
from tests.repo.forge.conftest import SHOP, Shop


def test_missed_deliveries_are_found_and_sent_again(shop: Shop) -> None:
    forge = shop.forge("app")
    kept = shop.fake.miss("issues", "opened", shop.repository, number=shop.issue)
    (missed, *_) = forge.deliveries(0)
    assert (missed.id, missed.guid, missed.event, missed.ok) == (kept.id, kept.guid, "issues", False)
    assert list(forge.deliveries(int(time.time()) + 60)) == []
    with answering(lambda _: Said(202)) as bot:
        shop.fake.hook(f"{bot.url}/webhook")
        forge.redeliver(missed.id)
        shop.fake.settle()
        shop.fake.hook("")
        assert [asked.headers["x-github-delivery"] for asked in bot.asked] == [missed.guid]
    again = [(one.ok, one.redelivery) for one in forge.deliveries(0) if one.guid == missed.guid]
    assert again == [(True, True), (False, False)]
    with pytest.raises(NotOnForge):
        forge.redeliver(1)


def test_without_an_app_there_are_no_deliveries(shop: Shop) -> None:
    assert list(shop.forge("workflow").deliveries(0)) == []
    with pytest.raises((ForgeRefused, NotOnForge)):
        shop.forge("workflow").redeliver(1)


def test_polling_finds_what_deliveries_would_have_told(forge: Forge, shop: Shop) -> None:
    comment = shop.repository.comment(shop.pull, "ada", "/ratchet fix")
    line = shop.repository.comment_on_line(shop.pull, "tom", "/ratchet explain", "a.py", 1)
    shop.repository.label(shop.issue, "ratchet", "ada")
    seen = {one.key: one for one in forge.events_since(SHOP, 0)}
    said, asked = seen[f"comment:{comment}"], seen[f"review_comment:{line}"]
    assert (said.happened, said.actor.login, said.number) == (Happened.COMMENT, "ada", shop.pull)
    assert (said.comment, said.body, said.edited) == (comment, "/ratchet fix", False)
    assert (asked.happened, asked.actor.login, asked.number) == (Happened.REVIEW_COMMENT, "tom", shop.pull)
    assert (asked.comment, asked.head) == (line, shop.head)
    pull = seen[f"pull:{shop.pull}:{shop.head}"]
    assert (pull.happened, pull.actor.login, pull.head) == (Happened.PULL, "ada", shop.head)
    label = [one for one in seen.values() if one.happened is Happened.LABEL][-1]
    assert (label.label, label.number, label.actor.login) == ("ratchet", shop.issue, "ada")
    run = seen[f"run:{shop.run}:1"]
    assert (run.number, run.head, run.actor.login) == (shop.pull, shop.head, "ada")
    assert run.run == forge.run(SHOP, shop.run)


def test_polling_goes_on_where_it_stopped(shop: Shop) -> None:
    forge = shop.forge()
    times = [one.at for one in forge.events_since(SHOP, 0)]
    assert times == sorted(times)
    assert list(forge.events_since(SHOP, times[-1] + 3600)) == []


def test_a_new_attempt_and_a_new_push_are_something_new(shop: Shop) -> None:
    forge = shop.forge()
    number = shop.repository.open_pull("feature/a", author="ada")
    before = {one.key for one in forge.events_since(SHOP, 0)}
    head = shop.repository.commit("feature/a", {"a.py": "x = 2\n"}, author="ada")
    shop.repository.rerun(shop.run, "again")
    new = {one.key for one in forge.events_since(SHOP, 0)} - before
    assert {f"pull:{number}:{head}", f"run:{shop.run}:2"} <= new
