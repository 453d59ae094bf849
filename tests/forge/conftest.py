"""A fake forge with a repository, a pull request, and clients that come with different tokens."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from agent.protocol.forge import Permission
from tests.forge.fake import APP, FakeForge
from tests.forge.repository import Repository

ROOT = "/repos/acme/shop"
Client = Callable[[str], httpx.Client]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeForge]:
    with FakeForge(tmp_path / "forge") as running:
        yield running


@pytest.fixture
def shop(fake: FakeForge) -> Repository:
    """A repository in which alice may write; pull request 1 changes lines 2 and 3 of a file of nine lines."""
    made = fake.add_repository("acme/shop")
    made.grant("alice", Permission.WRITE)
    before = [f"line {number}" for number in range(1, 10)]
    made.commit("main", {"a.txt": "\n".join(before) + "\n"})
    made.commit("topic", {"a.txt": "\n".join([before[0], "second", "third", *before[3:]]) + "\n"})
    assert made.open_pull("topic", author="alice") == 1
    return made


@pytest.fixture
def as_(fake: FakeForge) -> Iterator[Client]:
    """Return clients by the token that they come with; empty for none."""
    opened: list[httpx.Client] = []

    def client(token: str) -> httpx.Client:
        headers = {"User-Agent": "tests"} | ({"Authorization": f"Bearer {token}"} if token else {})
        opened.append(httpx.Client(base_url=fake.url, headers=headers, trust_env=False))
        return opened[-1]

    yield client
    for each in opened:
        each.close()


@pytest.fixture
def bot(fake: FakeForge, as_: Client) -> httpx.Client:
    """A client with the token of a workflow."""
    return as_(fake.token.text)


def app_token(fake: FakeForge, **claims: object) -> str:
    """Return what the App says who it is with."""
    now = int(time.time())
    known = {"iss": str(APP), "iat": now - 60, "exp": now + 500, **claims}
    return jwt.encode(known, fake.app.private_key, algorithm="RS256")
