"""What a repository is called, by its path and by its remotes on a forge."""

import subprocess
from pathlib import Path

import pytest

from agent.client.checkout import checkout_of, names_of

WEB = "https://github.com"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "shop")
    return tmp_path / "shop"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop",
        "https://ann@github.com/acme/shop.git/",
        "git@github.com:acme/shop.git",
        "github.com:acme/shop",
        "ssh://git@github.com/acme/shop.git",
        "ssh://git@github.com:22/acme/shop",
    ],
)
def test_a_remote_on_the_forge_is_one_of_the_names(shop: Path, url: str) -> None:
    git(shop, "remote", "add", "origin", url)
    assert names_of(shop, WEB) == {str(shop), "github:acme/shop"}


@pytest.mark.parametrize(
    "url", ["https://example.org/acme/shop", "/srv/acme/shop", "https://github.com/acme", "https://[", "x:"]
)
def test_a_remote_elsewhere_gives_no_name(shop: Path, url: str) -> None:
    git(shop, "remote", "add", "origin", url)
    assert names_of(shop, WEB) == {str(shop)}


def test_every_remote_counts_and_a_branch_of_that_name_does_not(shop: Path) -> None:
    git(shop, "remote", "add", "origin", "git@github.com:ann/shop.git")
    git(shop, "remote", "add", "upstream", "https://github.com/acme/shop")
    git(shop, "config", 'branch.remote "x".url', "https://github.com/not/this")
    assert names_of(shop, WEB) == {str(shop), "github:ann/shop", "github:acme/shop"}


def test_a_linked_working_tree_has_the_remotes_of_its_repository(shop: Path, tmp_path: Path) -> None:
    git(shop, "remote", "add", "origin", "https://github.com/acme/shop")
    git(shop, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    git(shop, "worktree", "add", "-q", str(tmp_path / "linked"))
    top = checkout_of(tmp_path / "linked")
    assert top is not None and "github:acme/shop" in names_of(top, WEB)


def test_a_folder_without_settings_has_its_path_alone(tmp_path: Path) -> None:
    assert names_of(tmp_path, WEB) == {str(tmp_path)}
