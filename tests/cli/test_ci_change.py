from pathlib import Path

import pytest

from agent.ci.surroundings import Runner, Surroundings
from agent.cli.ci.change import change_of
from agent.protocol.errors import RepositoryError
from tests.repo.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    project = Project(tmp_path / "repo", tmp_path / "state").init()
    project.commit("start")
    return project


def pull_request(project: Project) -> tuple[str, str, str]:
    """Make what GitHub checks out for one: a merge with a base branch that moved on; start, tip and merge."""
    start = project.git("rev-parse", "HEAD")
    project.git("checkout", "-q", "-b", "topic")
    project.commit("topic")
    project.git("checkout", "-q", "main")
    tip = project.commit("moved on")
    project.git("checkout", "-q", "--detach")
    project.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    project.git("update-ref", "refs/remotes/origin/main", "main")
    return start, tip, project.git("rev-parse", "HEAD")


def on(*bases: str, runner: Runner = Runner.GITHUB) -> Surroundings:
    return Surroundings(runner=runner, bases=bases)


def test_a_pull_request_is_what_its_merge_adds_to_the_branch(project: Project) -> None:
    start, tip, merge = pull_request(project)
    assert change_of(None, project.root, on("origin/main", start)) == (tip, merge)
    project.git(
        "update-ref",
        "refs/remotes/origin/main",
        project.git("commit-tree", "-p", tip, "-m", "x", "HEAD^{tree}"),
    )
    assert change_of(None, project.root, on("origin/main", start)) == (tip, merge)


def test_the_next_of_what_a_job_names_is_taken_when_the_first_is_not_there(project: Project) -> None:
    start, _, merge = pull_request(project)
    assert change_of(None, project.root, on("origin/gone", start)) == (start, merge)


def test_a_forced_push_begins_where_both_histories_part(project: Project) -> None:
    start = project.git("rev-parse", "HEAD")
    before = project.commit("first try")
    project.git("reset", "-q", "--hard", start)
    head = project.commit("second try")
    assert change_of(None, project.root, on(before)) == (start, head)


def test_a_named_range_goes_before_what_the_job_says(project: Project) -> None:
    start, tip, _ = pull_request(project)
    assert change_of(f"{start}..{tip}", project.root, on("origin/main")) == (start, tip)
    assert change_of(None, project.root, on(runner=Runner.NONE)) == (None, None)


@pytest.mark.parametrize(
    "revision", ["--upload-pack=x", "origin/\n::error::x", "a\0b", "HEAD^{/x}", "-" * 5000]
)
def test_a_revision_that_means_harm_is_one_that_is_not_there(project: Project, revision: str) -> None:
    with pytest.raises(RepositoryError, match="is not in this clone") as raised:
        change_of(None, project.root, on(revision))
    assert "fetch-depth: 0" in raised.value.hint and "\n" not in raised.value.message


def test_a_missing_end_of_a_range_comes_with_the_remedy_of_this_ci(project: Project) -> None:
    with pytest.raises(RepositoryError) as raised:
        change_of("gone..HEAD", project.root, on(runner=Runner.GITLAB))
    assert "GIT_DEPTH" in raised.value.hint


def test_a_job_that_names_nothing_is_asked_for_a_range(project: Project) -> None:
    with pytest.raises(RepositoryError, match="nothing in this job") as raised:
        change_of(None, project.root, on())
    assert "origin/main..HEAD" in raised.value.hint
