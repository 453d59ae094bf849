"""The clones that are fetched from a forge and pushed to it, over git's own HTTP server."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.protocol.errors import Interrupted, RepositoryError
from agent.repo.mirror import Mirror
from agent.repo.remote import Bounds, CommitGone, RemoteAway, RemoteRefused
from agent.repo.store import Store
from tests.repo.project import Project
from tests.repo.serving import GitServer, serving

SECRET = "Authorization: basic c2VjcmV0OnNlY3JldA=="
OURS = "ratchet/task-1"


@dataclass(frozen=True)
class At:
    """Where a repository is fetched from."""

    url: str
    header: str = SECRET


@pytest.fixture
def server(tmp_path: Path, project: Project) -> Iterator[GitServer]:
    """Serve a bare copy of the project as acme/shop."""
    bare = tmp_path / "served" / "acme" / "shop.git"
    project.git("clone", "--quiet", "--bare", str(project.root), str(bare))
    project.git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=bare)
    project.git("config", "http.receivepack", "true", cwd=bare)
    with serving(tmp_path / "served") as running:
        yield running


@pytest.fixture
def bare(tmp_path: Path, server: GitServer) -> Path:
    """Return the repository that the forge has."""
    return server.directory / "acme" / "shop.git"


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    """Name the mirror of the served repository."""
    return Mirror.at(tmp_path / "state", "acme/shop")


def at(server: GitServer) -> At:
    return At(f"{server.url}/acme/shop.git")


def head(project: Project) -> str:
    return project.git("rev-parse", "HEAD")


def grow(project: Project, bare: Path, branch: str = "main") -> str:
    """Commit something more, and put it on a branch of the forge."""
    project.write("a.py", f"{time.monotonic_ns()}\n")
    commit = project.commit("more")
    project.git("push", "--quiet", "--force", str(bare), f"HEAD:refs/heads/{branch}")
    return commit


def branches(project: Project, bare: Path) -> dict[str, str]:
    listed = project.git("for-each-ref", "--format=%(refname) %(objectname)", cwd=bare)
    return dict(line.split(" ") for line in listed.splitlines())  # type: ignore[misc]


def deliver(mirror: Mirror, project: Project, server: GitServer, bare: Path) -> str:
    """Make a commit in the mirror that the forge does not have."""
    mirror.fetch(at(server), [head(project)])
    tree = project.git("rev-parse", "HEAD^{tree}", cwd=mirror.path)
    name = ("-c", "user.name=Ratchet", "-c", "user.email=ratchet@example.org")
    message = f"fix {time.monotonic_ns()}"
    return project.git(*name, "commit-tree", tree, "-p", "HEAD", "-m", message, cwd=mirror.path)


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


def _fetch(state: Path, url: str, commits: list[str]) -> None:
    Mirror.at(state, "acme/shop").fetch(At(url), commits)


def test_several_processes_fetch_into_one_mirror(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    commits = [head(project), *(grow(project, bare) for _ in range(3))]
    context = multiprocessing.get_context("fork")
    work = [(project.state, at(server).url, commits[number:] + commits[:number]) for number in range(4)]
    processes = [context.Process(target=_fetch, args=arguments) for arguments in work]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert set(branches(project, mirror.path)) == {f"refs/fetched/{commit}" for commit in commits}


def test_a_killed_fetch_leaves_a_mirror_that_can_be_fetched_into(
    mirror: Mirror, server: GitServer, project: Project
) -> None:
    server.hold = 2
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_fetch, args=(project.state, at(server).url, [head(project)]))
    process.start()
    assert server.holding.wait(30)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    server.hold = 0
    mirror.fetch(at(server), [head(project)])
    assert Store.open(mirror.path, project.state).snapshot(clean=True).commit == head(project)


def _cut_packs(git_dir: Path) -> None:
    for pack in git_dir.glob("objects/pack/*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:40])


def _empty_objects(git_dir: Path) -> None:
    for file in git_dir.glob("objects/??/*"):
        file.chmod(0o600)
        file.write_bytes(b"")


def _lose_trees(git_dir: Path) -> None:
    for file in (*git_dir.glob("objects/??/*"), *git_dir.glob("objects/pack/*")):
        file.unlink()


@pytest.mark.parametrize("harm", [_cut_packs, _empty_objects, _lose_trees])
def test_a_corrupt_mirror_is_made_again(
    mirror: Mirror,
    server: GitServer,
    project: Project,
    bare: Path,
    harm: Callable[[Path], None],
) -> None:
    mirror.fetch(at(server), [head(project)])
    trust = Store.open(mirror.path, project.state).trust
    if harm is _cut_packs:
        project.git("repack", "-adq", cwd=mirror.path)
    harm(mirror.path / ".git")
    second = grow(project, bare)
    mirror.fetch(at(server), [second])
    project.git("rev-list", "--objects", "HEAD", cwd=mirror.path)
    store = Store.open(mirror.path, project.state)
    assert (store.snapshot(clean=True).commit, store.trust) == (second, trust)


def test_what_was_delivered_outlives_a_mirror_that_is_made_again(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    commit = deliver(mirror, project, server, bare)
    project.git("update-ref", f"refs/heads/{OURS}", commit, cwd=mirror.path)
    objects = mirror.path / ".git" / "objects"
    broken = objects / head(project)[:2] / head(project)[2:]
    broken.chmod(0o600)
    broken.write_bytes(b"")
    mirror.fetch(at(server), [grow(project, bare)])
    assert broken.stat().st_size > 0
    project.git("fsck", "--strict", cwd=mirror.path)
    assert branches(project, mirror.path)[f"refs/heads/{OURS}"] == commit
    assert mirror.push(at(server), OURS, commit) == commit


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


@pytest.mark.long
def test_fetches_killed_at_any_moment_leave_a_mirror_that_is_whole_in_the_end(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    chance = random.Random(8)
    context = multiprocessing.get_context("fork")
    for number in range(400):
        project.write(f"data/{number}.bin", chance.randbytes(20_000))
    commits = [project.commit("much")]
    project.git("push", "--quiet", str(bare), "HEAD:refs/heads/main")
    for _ in range(60):
        commits.append(grow(project, bare))
        process = context.Process(target=_fetch, args=(project.state, at(server).url, commits[-3:]))
        process.start()
        process.join(chance.random() * 0.4)
        process.kill()
        process.join()
    mirror.fetch(at(server), commits)
    project.git("fsck", "--strict", cwd=mirror.path)
    store = Store.open(mirror.path, project.state)
    assert [store.resolve(commit) for commit in commits] == commits
