"""What the tests of mirrors do to the forge's side and to ours."""

import time
from dataclasses import dataclass
from pathlib import Path

from agent.repo.mirror import Mirror
from tests.repo.project import Project
from tests.repo.serving import GitServer

SECRET = "Authorization: basic c2VjcmV0OnNlY3JldA=="
OURS = "ratchet/task-1"


@dataclass(frozen=True)
class At:
    """Where a repository is fetched from."""

    url: str
    header: str = SECRET


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
