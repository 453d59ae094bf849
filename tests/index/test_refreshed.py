"""The working tree is listed by a refreshed copy of git's index, and what it says stays true."""

import os
import subprocess

import pytest


def kept(project):
    return sorted(path.name for path in project.state.rglob("refreshed.*"))


def test_a_file_written_in_the_same_moment_with_the_same_size_is_seen(project):
    project.commit({"library.py": "def eat(): pass\n"})
    place = project.root / "library.py"
    before = place.stat()
    assert project.view().find("eat")
    project.write({"library.py": "def sip(): pass\n"})
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert project.view().find("sip")
    assert not project.view().find("eat")


def test_one_copy_is_kept_until_the_users_index_changes(project):
    project.commit({"library.py": "def eat(): pass\n"})
    project.view()
    first = kept(project)
    project.write({"library.py": "def sip(): pass\n"})
    assert project.view().find("sip")
    assert kept(project) == first
    project.git("add", "library.py")
    assert project.view().find("sip")
    second = kept(project)
    assert len(first) == len(second) == 1
    assert first != second


def test_the_users_index_is_left_as_it_is(project):
    project.commit({"library.py": "def eat(): pass\n"})
    theirs = project.root / ".git" / "index"
    before = theirs.read_bytes(), theirs.stat().st_mtime_ns
    project.view()
    assert (theirs.read_bytes(), theirs.stat().st_mtime_ns) == before


@pytest.mark.parametrize("change", ["--assume-unchanged", "--skip-worktree"])
def test_a_path_that_git_is_told_to_leave_alone_is_left_alone(project, change):
    project.commit({"library.py": "def eat(): pass\n"})
    project.git("update-index", change, "library.py")
    assert project.view().find("eat")
    project.write({"library.py": "def sip(): pass\n"})
    assert project.view().find("eat")


def test_a_path_in_conflict_shows_what_lies_in_the_working_tree(project):
    project.commit({"library.py": "def eat(): pass\n"})
    project.git("checkout", "-q", "-b", "other")
    project.commit({"library.py": "def sip(): pass\n"})
    project.git("checkout", "-q", "main")
    project.commit({"library.py": "def bite(): pass\n"})
    with pytest.raises(subprocess.CalledProcessError):
        project.git("merge", "other")
    for _ in range(2):
        view = project.view()
        assert view.find("sip") and view.find("bite")


def test_an_index_in_two_parts_is_read_and_not_kept(project):
    project.commit({"library.py": "def eat(): pass\n"})
    project.git("update-index", "--split-index")
    assert project.view().find("eat")
    assert kept(project) == []
