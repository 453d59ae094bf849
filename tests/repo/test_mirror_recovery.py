"""Mirrors that several processes work on, that are killed, and that are broken."""

import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.repo.mirror import Mirror
from agent.repo.store import Store
from tests.repo.mirrored import OURS, At, at, branches, deliver, grow, head
from tests.repo.project import Project
from tests.repo.serving import GitServer

# A fork of this process would keep open what the server's git waits for the end of.
CONTEXT = multiprocessing.get_context("forkserver")


def _fetch(state: Path, url: str, commits: list[str]) -> None:
    Mirror.at(state, "acme/shop").fetch(At(url), commits)


def test_several_processes_fetch_into_one_mirror(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    commits = [head(project), *(grow(project, bare) for _ in range(3))]
    work = [(project.state, at(server).url, commits[number:] + commits[:number]) for number in range(4)]
    processes = [CONTEXT.Process(target=_fetch, args=arguments) for arguments in work]
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
    process = CONTEXT.Process(target=_fetch, args=(project.state, at(server).url, [head(project)]))
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


@pytest.mark.long
def test_fetches_killed_at_any_moment_leave_a_mirror_that_is_whole_in_the_end(
    mirror: Mirror, server: GitServer, project: Project, bare: Path
) -> None:
    chance = random.Random(8)
    for number in range(400):
        project.write(f"data/{number}.bin", chance.randbytes(20_000))
    commits = [project.commit("much")]
    project.git("push", "--quiet", str(bare), "HEAD:refs/heads/main")
    for _ in range(60):
        commits.append(grow(project, bare))
        process = CONTEXT.Process(target=_fetch, args=(project.state, at(server).url, commits[-3:]))
        process.start()
        process.join(chance.random() * 0.4)
        process.kill()
        process.join()
    mirror.fetch(at(server), commits)
    project.git("fsck", "--strict", cwd=mirror.path)
    store = Store.open(mirror.path, project.state)
    assert [store.resolve(commit) for commit in commits] == commits
