"""What was changed lately: the commits that a commit descends from, with the paths of each."""

from dataclasses import dataclass

from agent.repo.git import Git

LATELY = 600
"""Commits that are looked back; 200 told less on the benchmark, more were not tried."""
_FORM = "%x00%H %ct %s"
_FLAGS = ("--no-merges", "--no-renames", "--name-only", "--no-ext-diff", "--no-textconv", "-z")


@dataclass(frozen=True, slots=True)
class PastCommit:
    """One commit; `seconds` since 1970, `paths` are those it changed."""

    commit: str
    seconds: int
    subject: str
    paths: tuple[str, ...]


def past_commits(git: Git, commit: str, most: int = LATELY) -> tuple[PastCommit, ...]:
    """Return a commit and its latest ancestors, newest first, merges left out; nothing newer than it.

    Raises RepositoryError when the commit is not there.
    """
    out = git.run("log", *_FLAGS, f"-n{most}", f"--format={_FORM}", "--end-of-options", commit, "--")
    # Two NULs stand before a commit and nowhere else: the end of what went before, and that of our format.
    return tuple(_read(entry) for entry in out.removeprefix(b"\0").split(b"\0\0") if entry)


def _read(entry: bytes) -> PastCommit:
    head, _, listed = entry.partition(b"\0")
    commit, seconds, subject = head.split(b" ", 2)
    paths = (path.lstrip(b"\n").decode("utf-8", "surrogateescape") for path in listed.split(b"\0") if path)
    return PastCommit(commit.decode(), int(seconds), subject.decode("utf-8", "replace"), tuple(paths))
