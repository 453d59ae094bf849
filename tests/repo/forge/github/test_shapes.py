"""Answers that are not as GitHub describes them: older and newer servers, proxies, and plain nonsense."""

import json
import random
from collections.abc import Callable, Mapping
from threading import Barrier, Thread
from typing import Any

import pytest

from agent.repo.forge.errors import ForgeUnreachable
from agent.repo.forge.github import accounts, pulls, runs
from agent.repo.forge.github.shape import Shape, parsed, parsed_list
from tests.repo.forge.conftest import SHOP, Shop

COMMIT = "a" * 40
USER = {"login": "ada", "id": 1}
END = {"ref": "main", "sha": COMMIT, "repo": {"full_name": "a/b"}}
WHEN = {"created_at": "2026-11-22T00:00:00Z", "updated_at": "2026-11-22T00:00:00.123Z"}
LEAST: Mapping[type[Shape], dict[str, Any]] = {
    accounts.UserShape: USER,
    accounts.PermissionShape: {"permission": "write"},
    pulls.BranchShape: {"name": "main", "commit": {"sha": COMMIT}},
    pulls.PullShape: {"number": 1, "state": "open", "head": END, "base": END, "user": USER, **WHEN},
    pulls.IssueShape: {"number": 1, "user": USER, "body": None},
    pulls.CommentShape: {"id": 1, "user": USER, "body": "x", "issue_url": "https://x/issues/7", **WHEN},
    pulls.ReviewShape: {"id": 1, "user": None},
    runs.RunShape: {"id": 1, "head_sha": COMMIT, "pull_requests": [{"number": 3}], **WHEN},
    runs.JobShape: {"id": 1, "steps": [{"name": "a", "number": 1}], "labels": ["x"]},
    runs.CheckShape: {"id": 1, "name": "r", "head_sha": COMMIT, "output": {"annotations_count": 2}},
    runs.DeliveryShape: {"id": 1, "guid": "g", "delivered_at": WHEN["created_at"], "status_code": 200},
}
NONSENSE = (None, 0, -1, 2**70, 1.5, "", "x" * 5000, "9" * 5000, True, [], {}, [None], {"login": 1}, "\ud800")


@pytest.mark.parametrize("shape", LEAST, ids=lambda shape: shape.__name__)
def test_what_is_new_is_no_matter_and_nonsense_is_no_answer(shape: type[Shape]) -> None:
    chance = random.Random(8)
    made = 0
    for _ in range(300):
        said = {**LEAST[shape], "brand_new": {"deep": [1]}}
        for _ in range(chance.randrange(3)):
            said[chance.choice(list(said))] = chance.choice(NONSENSE)
        try:
            found: Any = parsed(shape, json.dumps(said).encode())
        except ForgeUnreachable:
            continue
        found.value()
        _ = [getattr(found, name, None) for name in ("changed", "began", "number", "edited", "author")]
        made += 1
    assert made > 50


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"null", b"{}", b"[[]]", b"[" * 200_000, b"\xff\xfe", b"1" * 9000]
)
def test_what_is_no_list_is_no_answer(content: bytes) -> None:
    with pytest.raises(ForgeUnreachable):
        list(parsed_list(pulls.IssueShape, content))
    with pytest.raises(ForgeUnreachable):
        list(parsed_list(runs.JobShape, content, "jobs"))


def test_threads_share_a_forge_and_one_token(shop: Shop) -> None:
    forge = shop.forge("app")
    before, begin, seen = len(shop.fake.requests), Barrier(8), []

    def ask() -> None:
        begin.wait()
        seen.extend(forge.issue(SHOP, shop.issue).number for _ in range(5))

    threads = [Thread(target=ask) for _ in range(8)]
    done: list[Callable[[], None]] = [thread.start for thread in threads] + [
        thread.join for thread in threads
    ]
    for one in done:
        one()
    assert seen == [shop.issue] * 40
    asked = shop.fake.requests[before:]
    assert len([one for one in asked if one.path.endswith("/access_tokens")]) == 1
