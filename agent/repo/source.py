"""The user's repository, read as files: where it lies, what HEAD says, what is going on in it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from agent.protocol.errors import RepositoryError

_IN_PROGRESS = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisection",
}
_OBJECT_ID = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
_BRANCHES = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the user's repository lies; nothing here is ever written by this class."""

    root: Path
    """Top level of the working tree."""
    git_dir: Path
    """What belongs to this checkout: HEAD and index."""
    common_dir: Path
    """What all linked worktrees share: objects, refs, config."""

    @property
    def objects(self) -> Path:
        """Return the object directory."""
        return self.common_dir / "objects"

    @property
    def shallow(self) -> bytes:
        """Return the shallow boundary, empty for a complete clone."""
        return read_optional(self.common_dir / "shallow")

    def head(self) -> str:
        """Return the text of HEAD: `ref: refs/heads/…` or a commit id."""
        text = read_optional(self.git_dir / "HEAD").decode("utf-8", "surrogateescape").strip()
        if text.startswith("ref: refs/") or _OBJECT_ID.match(text):
            return text
        raise RepositoryError(f"{self.git_dir}/HEAD is not readable", hint="run `git fsck`")

    def branch(self) -> str | None:
        """Return the current branch, None when detached."""
        return _branch_of(self.head())

    def checked_out(self) -> frozenset[str]:
        """Return the branches that some worktree has checked out or is rebasing."""
        directories = [self.common_dir, *sorted((self.common_dir / "worktrees").glob("*"))]
        names = ("HEAD", "rebase-merge/head-name", "rebase-apply/head-name")
        texts = [_text(directory / name) for directory in directories for name in names]
        found = (_branch_of(text) for text in texts)
        return frozenset(branch for branch in found if branch)

    def in_progress(self) -> tuple[str, ...]:
        """Return what git is in the middle of, e.g. "a rebase"."""
        found = (label for name, label in _IN_PROGRESS.items() if (self.git_dir / name).exists())
        return tuple(dict.fromkeys(found))


def find_source(directory: Path) -> Source:
    """Find the repository around a directory without asking git, whose answer its config can change."""
    start = Path(os.path.realpath(directory))
    if not start.is_dir():
        raise RepositoryError(f"{directory} is not a directory", hint="name a directory with -C")
    for place in (start, *start.parents):
        if os.path.lexists(place / ".git"):
            return _source_at(place)
        if _is_git_dir(place):
            raise RepositoryError(
                f"{place} is a git directory without a working tree", hint="clone it and run there"
            )
    raise RepositoryError(f"{directory} is not inside a git repository", hint="run `git init` or use -C")


def read_optional(path: Path) -> bytes:
    """Return the bytes of a regular file, empty when there is none."""
    # Asked first, because opening a pipe that somebody put there would wait for ever.
    return path.read_bytes() if path.is_file() else b""


def _source_at(root: Path) -> Source:
    dot_git = root / ".git"
    git_dir = dot_git if dot_git.is_dir() else _pointed(root, _text(dot_git))
    common = _text(git_dir / "commondir")
    common_dir = Path(os.path.realpath(git_dir / common)) if common else Path(os.path.realpath(git_dir))
    source = Source(root, Path(os.path.realpath(git_dir)), common_dir)
    if not (source.git_dir / "HEAD").is_file() or not source.objects.is_dir():
        raise RepositoryError(
            f"{dot_git} is not a git directory", hint="run `git worktree repair` or clone again"
        )
    if (common_dir / "reftable").is_dir():
        raise RepositoryError(
            "the repository keeps its refs as reftable, which is not supported",
            hint="run `git refs migrate --ref-format=files`",
        )
    return source


def _pointed(root: Path, text: str) -> Path:
    if not text.startswith("gitdir: "):
        raise RepositoryError(f"{root}/.git is neither a directory nor a pointer", hint="clone again")
    return root / text.removeprefix("gitdir: ")


def _is_git_dir(place: Path) -> bool:
    return (place / "HEAD").is_file() and (place / "objects").is_dir() and (place / "refs").is_dir()


def _branch_of(head: str) -> str | None:
    name = head.removeprefix("ref: ")
    return name.removeprefix(_BRANCHES) if name.startswith(_BRANCHES) else None


def _text(path: Path) -> str:
    return read_optional(path).decode("utf-8", "surrogateescape").strip()
