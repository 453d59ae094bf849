"""The clones that are fetched from a forge and pushed to it, over git's own HTTP server."""

import threading
from pathlib import Path

import pytest

from agent.protocol.errors import Interrupted, RepositoryError
from agent.repo.mirror import Mirror
from agent.repo.remote import Bounds, CommitGone, RemoteAway, RemoteRefused
from agent.repo.store import Store
from tests.repo.mirrored import OURS, SECRET, At, at, branches, deliver, grow, head
from tests.repo.project import Project
from tests.repo.serving import GitServer, serving


def test_a_fetched_commit_is_what_a_store_opens(mirror: Mirror, server: GitServer, project: Project) -> None:
    mirror.fetch(at(server), [head(project)])
    store = Store.open(mirror.path, project.state)
    snapshot = store.snapshot(clean=True)
    assert (snapshot.commit, snapshot.branch) == (head(project), None)
    assert store.read(snapshot.tree, "pkg/b.py") == b"x = 1\n"
    assert [path.name for path in mirror.path.iterdir()] == [".git"]


def test_a_state_directory_may_be_a_link(tmp_path: Path, server: GitServer, project: Project) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    mirror = Mirror.at(tmp_path / "state", "acme/shop")
    mirror.fetch(at(server), [head(project)])
    assert Store.open(mirror.path, tmp_path / "ours").resolve(head(project)) == head(project)


def test_only_what_is_missing_is_asked_for(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    first = head(project)
    mirror.fetch(at(server), [first])
    asked = len(server.asked)
    mirror.fetch(at(server), [first])
    assert len(server.asked) == asked
    second = grow(project, bare)
    mirror.fetch(at(server), [second, first])
    assert project.git("rev-parse", "HEAD", cwd=mirror.path) == second
    mirror.fetch(at(server), [first, second])
    assert project.git("rev-parse", "HEAD", cwd=mirror.path) == first
    assert Store.open(mirror.path, project.state).resolve(second) == second


def test_tags_and_other_branches_stay_where_they_are(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    project.git("tag", "v1", cwd=bare)
    commit = head(project)
    grow(project, bare, "other")
    mirror.fetch(at(server), [commit])
    assert set(branches(project, mirror.path)) == {f"refs/fetched/{commit}"}


def test_a_forge_that_gives_no_commits_by_id_gives_the_pull_request(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    project.git("config", "uploadpack.allowAnySHA1InWant", "false", cwd=bare)
    project.git("config", "protocol.version", "0", cwd=bare)
    project.git("config", "uploadpack.hideRefs", "refs/hidden", cwd=bare)
    older = head(project)
    commit = grow(project, bare, "feature")
    project.git("update-ref", "refs/pull/7/head", commit, cwd=bare)
    project.git("update-ref", "-d", "refs/heads/feature", cwd=bare)
    mirror.fetch(at(server), [commit, older], ["refs/pull/7/head", "refs/heads/gone"])
    assert project.git("rev-parse", "HEAD", cwd=mirror.path) == commit


def test_a_commit_that_is_not_there_is_said_to_be_gone(mirror: Mirror, server: GitServer) -> None:
    for refs in ((), ("refs/heads/main",)):
        with pytest.raises(CommitGone):
            mirror.fetch(at(server), ["ab" * 20], refs)


def test_only_ids_of_commits_are_fetched(mirror: Mirror, server: GitServer) -> None:
    for word in ("main", "--upload-pack=touch x", "HEAD", "../x", ""):
        with pytest.raises(RepositoryError, match="no commit"):
            mirror.fetch(at(server), [word])
    assert server.asked == []


@pytest.mark.parametrize("name", ["../../etc", "a/..", "./b", "a/b/c", "a", "a/b c", "a/\n", "-/b\0"])
def test_a_mirror_lies_below_the_state_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(RepositoryError, match="no name of a repository"):
        Mirror.at(tmp_path, name)


def test_a_fork_has_a_mirror_of_its_own(tmp_path: Path) -> None:
    place = tmp_path / "mirrors" / "github" / "acme"
    assert Mirror.at(tmp_path, "Acme/Shop").path == place / "shop"
    assert Mirror.at(tmp_path, "acme/shop", fork_of=7).path == place / "shop+7"


def test_the_header_goes_to_its_own_place_alone(
    tmp_path: Path, mirror: Mirror, server: GitServer, project: Project
) -> None:
    server.token = SECRET.removeprefix("Authorization: ")
    mirror.fetch(at(server), [head(project)])
    assert {header for _, _, header in server.asked[1:]} == {server.token}
    with serving(tmp_path / "served") as other:
        server.moved = other.url
        with pytest.raises(RemoteRefused) as refused:
            Mirror.at(tmp_path / "more", "acme/shop").fetch(at(server), [head(project)])
        assert other.asked == []
    assert "c2VjcmV0" not in refused.value.message + refused.value.log
    kept = [path for path in mirror.path.rglob("*") if path.is_file() and b"c2VjcmV0" in path.read_bytes()]
    assert kept == []


def test_the_header_is_no_argument_of_a_process(mirror: Mirror, server: GitServer, project: Project) -> None:
    server.hold = 60
    interrupt, seen = threading.Event(), []

    def look() -> None:
        assert server.holding.wait(30)
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = process.read_bytes()
            except OSError:
                continue
            seen.extend([line] if b"git" in line and server.url.encode() in line else [])
        interrupt.set()

    looking = threading.Thread(target=look)
    looking.start()
    with pytest.raises(Interrupted):
        mirror.fetch(at(server), [head(project)], interrupt=interrupt)
    looking.join()
    server.hold = 0
    assert seen and not any(b"c2VjcmV0" in line for line in seen)


def test_nothing_but_http_is_spoken(mirror: Mirror) -> None:
    for url in ("file:///etc", "ext::sh -c x", "ssh://host/x", "/etc", "http://a b/", "-u"):
        with pytest.raises(RemoteRefused, match="neither https nor http"):
            mirror.fetch(At(url), ["ab" * 20])


def test_what_the_forge_answers_says_whether_to_ask_again(
    mirror: Mirror, server: GitServer, project: Project
) -> None:
    kinds = {401: RemoteRefused, 403: RemoteRefused, 404: RemoteRefused, 429: RemoteAway, 502: RemoteAway}
    for server.status, kind in kinds.items():
        with pytest.raises(kind):
            mirror.fetch(at(server), [head(project)])
        with pytest.raises(kind):
            mirror.tip(at(server), "main")


def test_a_forge_that_is_away_is_said_to_be(mirror: Mirror) -> None:
    with pytest.raises(RemoteAway):
        mirror.fetch(At("http://127.0.0.1:9/acme/shop.git"), ["ab" * 20])


def test_a_fetch_ends_at_its_bounds(mirror: Mirror, server: GitServer, project: Project, bare: Path) -> None:
    server.hold = 3
    with pytest.raises(RemoteAway, match="took longer than 1 s"):
        mirror.fetch(at(server), [head(project)], bounds=Bounds(seconds=1))
    server.hold = 0
    mirror.fetch(at(server), [head(project)])
    (mirror.path / ".git" / "objects" / "pack" / "large.pack").write_bytes(b"0" * (1 << 20) + b"0")
    with pytest.raises(RemoteRefused, match="larger than 1 MiB"):
        mirror.fetch(at(server), [grow(project, bare)], bounds=Bounds(mebibytes=1))


def test_a_commit_is_pushed_once_and_found_again(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    commit = deliver(mirror, project, server, bare)
    assert mirror.tip(at(server), OURS) is None
    assert mirror.push(at(server), OURS, commit) == commit
    pushes = len([path for _, path, _ in server.asked if path.endswith("/git-receive-pack")])
    assert mirror.push(at(server), OURS, commit) == commit
    assert len([path for _, path, _ in server.asked if path.endswith("/git-receive-pack")]) == pushes
    assert mirror.tip(at(server), OURS) == commit == branches(project, bare)[f"refs/heads/{OURS}"]


def test_a_push_whose_answer_is_lost_is_seen_to_be_done(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    commit = deliver(mirror, project, server, bare)
    server.lose_pushes = True
    assert mirror.push(at(server), OURS, commit) == commit


def test_our_own_older_commit_is_replaced_and_nobody_elses(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    first = deliver(mirror, project, server, bare)
    mirror.push(at(server), OURS, first)
    second = deliver(mirror, project, server, bare)
    assert mirror.push(at(server), OURS, second) == second
    theirs = grow(project, bare, OURS)
    assert mirror.push(at(server), OURS, first) == theirs
    assert branches(project, bare)[f"refs/heads/{OURS}"] == theirs


def test_only_branches_of_ours_are_pushed_to(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    before = branches(project, bare)
    commit = deliver(mirror, project, server, bare)
    names = (
        "main",
        "refs/heads/main",
        "refs/tags/ratchet/x",
        "ratchet/../main",
        "ratchet/a b",
        "x:ratchet/y",
    )
    for name in names:
        with pytest.raises(RepositoryError):
            mirror.push(at(server), name, commit)
    assert branches(project, bare) == before


def test_a_push_that_the_forge_refuses_says_why(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    commit = deliver(mirror, project, server, bare)
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(RemoteRefused, match="pre-receive hook declined"):
        mirror.push(at(server), OURS, commit)
    assert mirror.tip(at(server), OURS) is None
