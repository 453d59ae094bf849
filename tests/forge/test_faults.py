"""Each fault of the fake forge leaves things as its name says: changed or not, answered or not."""

import time

import httpx
import pytest

from tests.forge.conftest import ROOT
from tests.forge.fake import FakeForge
from tests.forge.faults import Fault
from tests.forge.repository import Repository

COMMENTS = f"{ROOT}/issues/1/comments"
BROKEN = {Fault.CUT_AFTER, Fault.TRUNCATED_AFTER, Fault.RESET}
ANSWERED = {
    Fault.BAD_GATEWAY_AFTER: 502,
    Fault.BAD_GATEWAY: 502,
    Fault.UNAVAILABLE: 503,
    Fault.SERVER_ERROR: 500,
    Fault.SECONDARY: 403,
    Fault.SECONDARY_429: 429,
    Fault.SECONDARY_BARE: 403,
    Fault.PRIMARY: 403,
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.NOT_FOUND: 404,
    Fault.GONE: 410,
    Fault.UNPROCESSABLE: 422,
    Fault.SLOW: 201,
    Fault.LATE_AFTER: 201,
    Fault.GARBAGE_AFTER: 201,
}


def test_each_fault_changes_and_answers_as_its_name_says(
    fake: FakeForge, bot: httpx.Client, shop: Repository
) -> None:
    assert {*BROKEN, *ANSWERED} == set(Fault)
    for fault in Fault:
        before = len(shop.comments(1))
        fake.faults.add(fault, method="POST", path="/repos/*/issues/*/comments", seconds=0)
        if fault in BROKEN:
            with pytest.raises(httpx.TransportError):
                bot.post(COMMENTS, json={"body": "b"})
        else:
            assert bot.post(COMMENTS, json={"body": "b"}).status_code == ANSWERED[fault]
        assert len(shop.comments(1)) - before == (fault.after or fault is Fault.SLOW), fault
        assert fake.faults.used[-1] == (fault, "POST", COMMENTS)
        assert bot.post(COMMENTS, json={"body": "b"}).status_code == 201
    assert fake.faults.waiting == 0


def test_limits_say_how_long_to_wait(fake: FakeForge, bot: httpx.Client, shop: Repository) -> None:
    for fault in (Fault.SECONDARY, Fault.PRIMARY, Fault.SECONDARY_BARE):
        fake.faults.add(fault, seconds=7)
    secondary, primary, bare = (bot.get(ROOT) for _ in range(3))
    assert (secondary.headers["retry-after"], "secondary" in secondary.json()["message"]) == ("7", True)
    assert primary.headers["x-ratelimit-remaining"] == "0"
    assert 0 < int(primary.headers["x-ratelimit-reset"]) - time.time() < 10
    assert "retry-after" not in bare.headers and bare.headers["x-ratelimit-remaining"] != "0"


def test_an_answer_that_comes_too_late_is_a_change_without_an_answer(
    fake: FakeForge, bot: httpx.Client, shop: Repository
) -> None:
    fake.faults.add(Fault.LATE_AFTER, method="POST", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        bot.post(COMMENTS, json={"body": "b"}, timeout=0.2)
    assert [said.body for said in shop.comments(1)] == ["b"]


def test_faults_are_used_up_in_their_order_and_by_their_paths_only(
    fake: FakeForge, bot: httpx.Client, shop: Repository
) -> None:
    fake.faults.add(Fault.NOT_FOUND, path="*/issues/1", times=2)
    fake.faults.add(Fault.GONE, path="*/issues/1", skip=1)
    codes = [bot.get(f"{ROOT}{path}").status_code for path in ("/pulls/1", *["/issues/1"] * 5)]
    assert codes == [200, 404, 404, 200, 410, 200]
    fake.faults.add(Fault.GONE)
    fake.faults.clear()
    assert bot.get(ROOT).status_code == 200
