"""Exchanges that were recorded at GitHub itself go the same way with the fake forge."""

import json
from typing import Any

import httpx
import pytest

from tests.forge.conftest import Client
from tests.forge.fake import FakeForge
from tests.forge.openapi import artefact
from tests.forge.repository import Repository

OWNER = "octokit-fixture-org"
SHA = "0000000000000000000000000000000000000001"


class Recording:
    """A recorded scenario, asked again; what its addresses are named by is ours."""

    def __init__(self, name: str, client: httpx.Client, repository: Repository) -> None:
        self.exchanges = json.loads((artefact("recorded") / f"{name}.json").read_text())
        self._client = client
        number = str(repository.hosted.id)
        self._ours = {"/repositories/1000": f"/repositories/{number}", SHA: repository.branches()["main"]}

    def ask(self, exchange: dict[str, Any]) -> httpx.Response:
        path = exchange["path"]
        for theirs, ours in self._ours.items():
            path = path.replace(theirs, ours)
        body = exchange["body"] or None
        headers = {"Accept": exchange["reqheaders"]["accept"]}
        return self._client.request(exchange["method"].upper(), path, json=body, headers=headers)

    def compare(self, exchange: dict[str, Any]) -> httpx.Response:
        """Ask and expect the same status, and every field that GitHub sent then."""
        answer = self.ask(exchange)
        assert answer.status_code == exchange["status"], exchange["path"]
        if isinstance(exchange["response"], dict | list):
            lacking = _fields(exchange["response"]) - _fields(answer.json())
            assert not lacking, (exchange["path"], sorted(lacking))
        assert _relations(answer.headers.get("link", "")) == _relations(exchange["headers"].get("link", ""))
        return answer


def _fields(value: Any, prefix: str = "") -> set[str]:
    if isinstance(value, list):
        return set().union(*(_fields(item, f"{prefix}[]") for item in value if isinstance(item, dict)))
    if not isinstance(value, dict):
        return {prefix}
    return set().union({prefix}, *(_fields(item, f"{prefix}.{name}") for name, item in value.items()))


def _relations(link: str) -> set[str]:
    return {str(name) for name in httpx.Response(200, headers={"link": link}).links}


@pytest.fixture
def client(fake: FakeForge, as_: Client) -> httpx.Client:
    """A client of who administers what the organization has."""
    fake.add_organization(OWNER)
    return as_(fake.pat(OWNER).text)


def test_a_repository_is_as_it_was_recorded(fake: FakeForge, client: httpx.Client) -> None:
    repository = fake.add_repository(f"{OWNER}/hello-world")
    recording = Recording("get-repository", client, repository)
    for exchange in recording.exchanges:
        recording.compare(exchange)


def test_a_file_is_as_it_was_recorded(fake: FakeForge, client: httpx.Client) -> None:
    repository = fake.add_repository(f"{OWNER}/hello-world")
    recording = Recording("get-content", client, repository)
    (exchange,) = [one for one in recording.exchanges if one["path"].endswith("README.md")]
    repository.commit("main", {"README.md": exchange["response"]})
    assert recording.compare(exchange).text == exchange["response"]


def test_statuses_are_as_they_were_recorded(fake: FakeForge, client: httpx.Client) -> None:
    repository = fake.add_repository(f"{OWNER}/create-status")
    recording = Recording("create-status", client, repository)
    for exchange in recording.exchanges:
        recording.compare(exchange)


def test_pages_of_a_list_are_as_they_were_recorded(fake: FakeForge, client: httpx.Client) -> None:
    repository = fake.add_repository(f"{OWNER}/paginate-issues")
    for number in range(13):
        repository.open_issue(f"Issue {number}", f"Body {number}")
    recording = Recording("paginate-issues", client, repository)
    for exchange in recording.exchanges:
        assert len(recording.compare(exchange).json()) == len(exchange["response"])


def test_a_renamed_repository_answers_as_it_was_recorded(fake: FakeForge, client: httpx.Client) -> None:
    repository = fake.add_repository(f"{OWNER}/rename-repository")
    recording = Recording("rename-repository", client, repository)
    repository.rename("rename-repository-newname")
    wanted = [one for one in recording.exchanges if one["method"] == "get" or one["status"] == 307]
    assert [one["status"] for one in wanted] == [301, 200, 307]
    for exchange in wanted:
        recording.compare(exchange)
