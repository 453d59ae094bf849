"""Git fetches from and pushes to the fake forge as it does with GitHub."""

import subprocess
from pathlib import Path

import pytest

from agent.protocol.forge import Permission
from tests.forge import git
from tests.forge.fake import FakeForge
from tests.forge.faults import Fault
from tests.forge.repository import Repository


class Clone:
    """A clone, and a token that it pushes with."""

    def __init__(self, path: Path, repository: Repository, token: str) -> None:
        self.path, self.url = path, repository.url.replace("://", f"://x-access-token:{token}@")
        subprocess.run(
            ["git", "clone", "--quiet", self.url, str(path)],
            check=True,
            env=git.environment(),
            capture_output=True,
        )

    def commit(self) -> str:
        git.run(self.path, "commit", "--quiet", "--allow-empty", "-m", "more")
        return git.text(self.path, "rev-parse", "HEAD")

    def push(self, *arguments: str) -> tuple[bool, str]:
        command = ["git", "-C", str(self.path), "push", self.url, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=git.environment())
        return done.returncode == 0, done.stderr


@pytest.fixture
def clone(fake: FakeForge, shop: Repository, tmp_path: Path) -> Clone:
    """A clone that pushes as the bot."""
    return Clone(tmp_path / "clone", shop, fake.token.text)


def test_a_bot_pushes_its_own_branches_and_no_others(fake: FakeForge, shop: Repository, clone: Clone) -> None:
    commit = clone.commit()
    assert clone.push("HEAD:refs/heads/ratchet/1")[0]
    assert shop.branches()["ratchet/1"] == commit
    refs = ["refs/heads/topic", "refs/heads/main", "refs/tags/v1", "refs/heads/ratchet"]
    for ref in refs:
        pushed, said = clone.push("--force", f"HEAD:{ref}")
        assert not pushed and "the bot may not push" in said
    assert fake.violations == [f"the bot pushes {ref}" for ref in refs]
    fake.violations.clear()
    assert set(shop.branches()) == {"main", "topic", "ratchet/1"}


def test_nobody_pushes_without_the_right_to(fake: FakeForge, shop: Repository, tmp_path: Path) -> None:
    secret = fake.add_repository("acme/secret", private=True)
    shop.grant("bob", Permission.READ)
    reader = Clone(tmp_path / "reader", shop, fake.pat("bob").text)
    assert "403" in reader.push("HEAD:refs/heads/ratchet/1")[1]
    writer = Clone(tmp_path / "writer", shop, fake.pat("alice").text)
    writer.commit()
    assert writer.push("HEAD:refs/heads/other")[0]
    with pytest.raises(subprocess.CalledProcessError):
        Clone(tmp_path / "secret", secret, fake.pat("alice").text)
    with pytest.raises(subprocess.CalledProcessError):
        Clone(tmp_path / "wrong", secret, "ghp_wrong")


def test_a_protected_branch_only_goes_forward(fake: FakeForge, shop: Repository, tmp_path: Path) -> None:
    shop.protect("release/*")
    person = Clone(tmp_path / "person", shop, fake.pat("acme").text)
    person.commit()
    assert person.push("HEAD:main")[0]
    assert person.push("HEAD:refs/heads/release/1")[0]
    git.run(person.path, "reset", "--quiet", "--hard", "HEAD~1")
    for branch in ("main", "release/1"):
        assert "protected branch" in person.push("--force", f"HEAD:refs/heads/{branch}")[1]
        assert not person.push(f":refs/heads/{branch}")[0]
    assert {"main", "release/1"} <= set(shop.branches())


def test_a_push_moves_the_pull_request(fake: FakeForge, shop: Repository, tmp_path: Path) -> None:
    person = Clone(tmp_path / "person", shop, fake.pat("alice").text)
    git.run(person.path, "checkout", "--quiet", "topic")
    commit = person.commit()
    assert person.push("HEAD:topic")[0]
    assert shop.head(1) == git.text(shop.path, "rev-parse", "refs/pull/1/head") == commit


def test_a_commit_of_a_fork_can_be_fetched_by_its_name(shop: Repository, clone: Clone) -> None:
    commit = shop.fork("mallory").commit("evil", {"a.txt": "mine\n"})
    shop.open_pull("evil", from_fork="mallory")
    git.run(clone.path, "fetch", "--quiet", "--depth=1", clone.url, commit)
    assert git.text(clone.path, "show", f"{commit}:a.txt") == "mine"


def test_a_push_whose_answer_is_lost_was_made(fake: FakeForge, shop: Repository, clone: Clone) -> None:
    commit = clone.commit()
    fake.faults.add(Fault.CUT_AFTER, path="*.git/git-receive-pack")
    assert not clone.push("HEAD:refs/heads/ratchet/1")[0]
    assert shop.branches()["ratchet/1"] == commit
