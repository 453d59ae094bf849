"""Which repositories are open, and which one a document lies in, read from files alone."""

import os
import subprocess
from pathlib import Path

import pytest

from lsp.folders import Folders, path_of


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "a b"
    (root / "src" / "deep").mkdir(parents=True)
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "start")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *identity, *arguments], cwd=root, env=environment, check=True, capture_output=True)


def opened(*paths: Path) -> Folders:
    folders = Folders()
    for path in paths:
        folders.add(path.as_uri())
    return folders


def test_folders_of_one_repository_are_one_repository(repository: Path) -> None:
    folders = opened(repository, repository / "src", repository / "src" / "deep")
    assert folders.repositories == (repository,)


def test_a_linked_working_tree_and_a_nested_repository_are_their_own(repository: Path) -> None:
    git(repository, "worktree", "add", "-q", str(repository.parent / "linked"))
    nested = repository / "src" / "nested"
    nested.mkdir()
    git(nested, "init", "-q")
    folders = opened(repository.parent / "linked", repository, nested)
    assert folders.repositories == (repository.parent / "linked", repository, nested)
    within = folders.within((nested / "x.py").as_uri())
    assert within is not None and (within.repository, within.path) == (nested, "x.py")


def test_a_folder_in_no_repository_has_none_until_it_becomes_one(tmp_path: Path) -> None:
    root = tmp_path.resolve() / "new"
    root.mkdir()
    (root / ".git").mkdir()
    folders = opened(root)
    assert folders.repositories == ()
    git(root, "init", "-q")
    assert folders.repositories == (root,)


def test_a_document_outside_of_the_folders_counts_while_it_is_open(repository: Path, tmp_path: Path) -> None:
    folders = opened(tmp_path)
    uri = (repository / "src" / "x.py").as_uri()
    assert folders.look_at(uri, is_open=True)
    assert folders.repositories == (repository,)
    assert not folders.look_at(uri, is_open=True)
    assert folders.look_at(uri, is_open=False)
    assert folders.repositories == ()


def test_a_link_to_a_repository_is_that_repository(repository: Path) -> None:
    link = repository.parent / "link"
    link.symlink_to(repository)
    folders = opened(link)
    assert folders.repositories == (repository,)
    within = folders.within((link / "src" / "x.py").as_uri())
    assert within is not None and within.path == "src/x.py"


def test_the_name_an_editor_has_for_an_open_file_is_kept(repository: Path) -> None:
    folders, spelled = opened(repository), f"file://{repository.parent}/a%20b/%73rc/x.py"
    folders.look_at(spelled, is_open=True)
    assert folders.uri_for(repository / "src" / "x.py") == spelled
    assert folders.uri_for(repository / "y.py") == (repository / "y.py").as_uri()


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "x",
        "untitled:Untitled-1",
        "http://example.org/x",
        "file:relative",
        "file:///a%00b",
        "file://",
        "file:",
    ],
)
def test_what_is_no_file_lies_nowhere(uri: str) -> None:
    folders = Folders()
    folders.add(uri)
    folders.look_at(uri, is_open=True)
    assert folders.repositories == ()
    assert folders.within(uri) is None


def test_a_name_that_no_file_can_have_lies_nowhere() -> None:
    assert Folders().within("file:///" + "x" * 5000) is None
    path_of("file:///\ud800")
