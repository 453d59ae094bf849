"""The latest commits that one descends from."""

import pytest

from agent.protocol.errors import RepositoryError
from agent.repo.history import past_commits
from agent.repo.store import Store


def _past(project, revision, **options):
    store = Store.open(project.root, project.state)
    return past_commits(store.objects.view, store.resolve(revision), **options)


def test_commits_come_newest_first_with_their_paths(project):
    project.write("naïve name.py", "x\n")
    project.write("pkg/b.py", "x = 2\n")
    project.commit("second: Grüße")
    latest, first = _past(project, "HEAD")
    assert (latest.subject, latest.paths) == ("second: Grüße", ("naïve name.py", "pkg/b.py"))
    assert (first.subject, first.paths) == ("first", ("a.py", "pkg/b.py"))
    assert latest.seconds > 0


def test_nothing_newer_than_the_commit_is_there(project):
    before = project.git("rev-parse", "HEAD")
    project.write("a.py", "fixed\n")
    project.commit("the fix")
    assert [commit.subject for commit in _past(project, before)] == ["first"]


def test_another_branch_is_not_history(project):
    project.git("checkout", "-q", "-b", "other")
    project.write("a.py", "other\n")
    project.commit("elsewhere")
    project.git("checkout", "-q", "main")
    assert [commit.subject for commit in _past(project, "main")] == ["first"]


def test_an_empty_commit_and_a_merge_are_told_apart(project):
    project.git("commit", "-q", "--allow-empty", "-m", "nothing")
    project.git("checkout", "-q", "-b", "side", "HEAD~1")
    project.write("side.py", "1\n")
    project.commit("side")
    project.git("merge", "-q", "--no-edit", "main")
    found = {commit.subject: commit.paths for commit in _past(project, "HEAD")}
    assert found == {"nothing": (), "side": ("side.py",), "first": ("a.py", "pkg/b.py")}


def test_no_more_than_asked_for_are_read(project):
    for number in range(5):
        project.write("a.py", f"{number}\n")
        project.commit(f"change {number}")
    assert [commit.subject for commit in _past(project, "HEAD", most=2)] == ["change 4", "change 3"]


def test_a_commit_that_is_not_there_is_an_error(project):
    store = Store.open(project.root, project.state)
    with pytest.raises(RepositoryError):
        past_commits(store.objects.view, "0" * 40)
