"""Exchanges with the real GitHub, recorded by @octokit/fixtures, played back."""

import json
from typing import Any

import pytest

from agent.repo.forge.errors import ForgeRefused, NotOnForge
from agent.repo.forge.github.api import Api
from agent.repo.forge.github.github import GitHub, open_api
from agent.repo.forge.github.pulls import BranchShape, IssueShape, RepositoryShape
from agent.repo.forge.github.shape import Nothing
from tests.forge.openapi import artefact
from tests.repo.forge.answering import Asked, Said, Server, answering

ORG = "octokit-fixture-org"
HOST = "https://api.github.com"


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "0000000000000000000000000000000000000001")


class Recorded:
    """Answers as GitHub did, each request once."""

    def __init__(self, name: str) -> None:
        self._left: list[dict[str, Any]] = json.loads(artefact(f"recorded/{name}.json").read_text())
        self.url = ""

    def __call__(self, asked: Asked) -> Said:
        """Answer by the first exchange that fits."""
        for one in self._left:
            if one["method"].upper() == asked.method and one["path"] == asked.path:
                self._left.remove(one)
                return self._said(one)
        return Said(404, {"message": f"not recorded: {asked.method} {asked.path}"})

    def _said(self, one: dict[str, Any]) -> Said:
        headers = {name: value for name, value in one["headers"].items() if name in ("link", "location")}
        headers = {name: value.replace(HOST, self.url) for name, value in headers.items()}
        return Said(one["status"], one["response"], headers)


def api(server: Server, recorded: Recorded) -> Api:
    recorded.url = server.url
    return open_api(server.config(), None)


def test_a_repository_is_read_as_github_describes_it() -> None:
    recorded = Recorded("get-repository")
    with answering(recorded) as server:
        found = api(server, recorded).get(RepositoryShape, f"{ORG}/hello-world")
    assert (found.full_name, found.default_branch) == (f"{ORG}/hello-world", "master")


def test_all_pages_of_a_list_are_read_although_its_links_name_the_repository_by_number() -> None:
    recorded = Recorded("paginate-issues")
    with answering(recorded) as server:
        found = api(server, recorded).pages(IssueShape, f"{ORG}/paginate-issues", "issues", per_page="3")
        assert [one.number for one in found] == list(range(13, 0, -1))


def test_a_renamed_repository_is_followed_to_where_it_is() -> None:
    recorded = Recorded("rename-repository")
    name = f"{ORG}/rename-repository"
    with answering(recorded) as server:
        made = api(server, recorded)
        made.send(Nothing, "PATCH", name, body={"name": "rename-repository-newname"})
        assert made.get(RepositoryShape, name).full_name == f"{name}-newname"
        body = {"name": "rename-repository-newname", "description": "test description"}
        assert made.send(RepositoryShape, "PATCH", name, body=body).full_name == f"{name}-newname"
        assert [json.loads(one.body) for one in server.asked[-2:]] == [body, body]


def test_an_error_is_told_in_its_own_words() -> None:
    recorded = Recorded("errors")
    with answering(recorded) as server:
        body = {"name": "foo", "color": "invalid"}
        with pytest.raises(ForgeRefused, match="GitHub answered 422: Validation Failed; color invalid"):
            api(server, recorded).send(Nothing, "POST", f"{ORG}/errors", "labels", body=body)


def test_a_status_is_made() -> None:
    recorded = Recorded("create-status")
    commit = f"{1:040}"
    with answering(recorded) as server:
        forge = GitHub(api(server, recorded), server.url)
        for state in ("failure", "success"):
            forge.create_status(
                f"{ORG}/create-status", commit, state=state, context="example/1", description="d"
            )
    assert [json.loads(one.body)["state"] for one in server.asked] == ["failure", "success"]


def test_what_is_missing_is_said_to_be() -> None:
    recorded = Recorded("branch-protection")
    with answering(recorded) as server, pytest.raises(NotOnForge, match="404: Branch not protected"):
        api(server, recorded).get(BranchShape, f"{ORG}/branch-protection", "branches", "main", "protection")
