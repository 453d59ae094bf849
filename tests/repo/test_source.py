"""Every kind of repository is opened as what it is, or refused with a hint."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.protocol.errors import RepositoryError
from agent.repo.store import Store
from tests.repo.project import Project

MakeProject = Callable[[str], Project]


def test_submodules_and_nested_repositories_are_not_entered(
    project: Project, make_project: MakeProject
) -> None:
    other = make_project("other")
    other.write("lib.py", "lib\n")
    other.commit()
    project.git("submodule", "add", "-q", str(other.root), "sub")
    pinned = project.commit("with submodule")
    project.write("sub/lib.py", "changed inside\n")
    nested = project.root / "nested"
    project.git("init", "-q", str(nested))
    (nested / "file").write_text("nested\n")
    snapshot = project.store().snapshot()
    assert not snapshot.dirty and snapshot.commit == pinned
    assert project.store().list(snapshot.tree)["sub"].mode == "160000"
    assert snapshot.warnings == (
        "submodules are not entered: sub",
        "nested repositories are left out: nested",
    )


def test_a_submodule_is_a_repository_of_its_own(project: Project, make_project: MakeProject) -> None:
    other = make_project("other")
    other.write("lib.py", "lib\n")
    commit = other.commit()
    project.git("submodule", "add", "-q", str(other.root), "sub")
    inner = Store.open(project.root / "sub", project.state)
    assert (inner.root, inner.snapshot().commit) == (project.root / "sub", commit)


def test_a_linked_worktree_has_its_own_head_and_files(project: Project, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    (tmp_path / "linked/a.py").write_text("linked\n")
    store = Store.open(tmp_path / "linked", project.state)
    snapshot = store.snapshot()
    assert (snapshot.branch, store.read(snapshot.tree, "a.py")) == ("side", b"linked\n")
    assert store.trust != project.store().trust


def test_a_detached_head_has_no_branch(project: Project) -> None:
    project.git("checkout", "-q", "--detach")
    assert project.store().snapshot().branch is None


def test_a_state_directory_inside_the_repository_is_not_part_of_it(project: Project) -> None:
    inside = Store.open(project.root, project.root / ".state")
    assert not inside.snapshot().dirty


def test_an_empty_repository_is_refused_with_a_hint(make_project: MakeProject) -> None:
    with pytest.raises(RepositoryError, match="no commit yet") as caught:
        make_project("empty").store()
    assert "git commit" in caught.value.hint


@pytest.mark.parametrize("bare", [True, False])
def test_a_directory_without_a_working_tree_is_refused_with_a_hint(tmp_path: Path, bare: bool) -> None:
    place = tmp_path / "place"
    place.mkdir()
    if bare:
        Project(place, tmp_path).git("init", "-q", "--bare")
    with pytest.raises(RepositoryError) as caught:
        Store.open(place, tmp_path / "state")
    assert caught.value.hint


def test_sha256_repositories_are_refused_with_a_hint(tmp_path: Path) -> None:
    project = Project(tmp_path / "sha256", tmp_path / "state")
    project.root.mkdir()
    project.git("init", "-q", "--object-format=sha256")
    with pytest.raises(RepositoryError, match="SHA-256") as caught:
        project.store()
    assert caught.value.hint


def test_a_broken_git_directory_is_refused(project: Project, tmp_path: Path) -> None:
    (project.root / ".git/HEAD").write_text("garbage\n")
    with pytest.raises(RepositoryError):
        project.store()
    for name in ("pointer", "pipe"):
        (tmp_path / name).mkdir()
    (tmp_path / "pointer/.git").write_text("gitdir: /nowhere\n")
    os.mkfifo(tmp_path / "pipe/.git")
    for name in ("pointer", "pipe"):
        with pytest.raises(RepositoryError):
            Store.open(tmp_path / name, project.state)
