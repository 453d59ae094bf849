"""Our own clone of a repository on a forge: a directory that `Store.open` takes, with an empty work tree."""

import re
import shutil
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent.protocol.errors import RepositoryError
from agent.protocol.forge import OUR_BRANCHES
from agent.repo.alone import alone
from agent.repo.git import Git
from agent.repo.remote import Access, Bounds, CommitGone, Remote, RemoteAway, RemoteRefused
from agent.repo.stale_locks import clear_locks

_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,100}$")
_COMMIT = re.compile(r"^[0-9a-f]{40}$")
_OURS = f"refs/heads/{OUR_BRANCHES}"
_FETCHED = "refs/fetched/"
_PUSHED = "refs/pushed/"
_KEPT = ("refs/heads", "refs/pushed")
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Mirror:
    """Commits that were brought from a forge; processes that work on the same one wait for each other."""

    path: Path

    @classmethod
    def at(cls, state: Path, repository: str, *, fork_of: int | None = None) -> "Mirror":
        """Name the mirror of `owner/name` below the state directory; nothing is made yet.

        `fork_of` is the number of a pull request from a fork: its commits have a clone, and so a trust
        domain, of their own.
        """
        owner, _, name = repository.partition("/")
        if any(not _NAME.match(part) or part.strip(".") == "" for part in (owner, name)):
            raise RepositoryError("that is no name of a repository on a forge")
        last = name if fork_of is None else f"{name}+{fork_of}"
        # The forge takes no notice of case.
        return cls(state / "mirrors" / "github" / owner.lower() / last.lower())

    def fetch(
        self,
        access: Access,
        commits: Sequence[str],
        refs: Sequence[str] = (),
        *,
        bounds: Bounds | None = None,
        interrupt: threading.Event | None = None,
    ) -> None:
        """Bring commits with all their history, and detach HEAD at the first; what is here is not asked for.

        `refs` are where they are looked for when the forge gives none by their ids, e.g.
        `refs/pull/7/head`. Raises RemoteAway (again may help), RemoteRefused, CommitGone, Interrupted.
        """
        wanted = list(dict.fromkeys(commits))
        if not wanted or not all(_COMMIT.match(commit) for commit in wanted):
            raise RepositoryError("that is no commit")
        remote = Remote(self._git, access, bounds or Bounds(), interrupt)
        with self._alone(interrupt):
            if not all(self._holds(commit) for commit in wanted):
                self._bring_whole(remote, wanted, refs)
            self._git.run("update-ref", "--no-deref", "HEAD", wanted[0])

    def tip(self, access: Access, branch: str) -> str | None:
        """Return the commit that a branch of the forge's repository stands at, None without it."""
        ref = self._checked(branch)
        return Remote(self._git, access).tip(ref)

    def push(self, access: Access, branch: str, commit: str) -> str:
        """Put a commit of the mirror on a branch `ratchet/…`; returns what stands there afterwards.

        That is another commit where somebody else has put one: only what this mirror pushed, or what the
        commit is made on, is ever replaced. Raises RemoteRefused for what the forge does not let us.
        """
        ref = self._checked(branch)
        if not ref.startswith(_OURS) or not _COMMIT.match(commit):
            raise RepositoryError(f"only commits are pushed, and only below {_OURS}")
        remote = Remote(self._git, access)
        pushed = f"{_PUSHED}{ref.removeprefix(_OURS)}/"
        before = remote.tip(ref)
        if before == commit or (before is not None and not self._replaceable(pushed, before, commit)):
            return before
        # Before, so that what is there after a kill is known to be ours.
        self._git.run("update-ref", f"{pushed}{commit}", commit)
        try:
            remote.push(commit, ref, before)
        except RepositoryError:
            # Its answer may be lost, or somebody was quicker.
            after = remote.tip(ref)
            if after is None or after == before:
                raise
            return after
        return commit

    @property
    def _git(self) -> Git:
        return Git(self.path / ".git")

    @contextmanager
    def _alone(self, interrupt: threading.Event | None) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone(self.path.with_name(f"{self.path.name}.lock"), interrupt):
            self._make()
            clear_locks(self._git.git_dir)
            _sweep(self._git.git_dir)
            yield

    def _make(self) -> None:
        if (self._git.git_dir / "HEAD").is_file() and (self._git.git_dir / "objects").is_dir():
            return
        self._git.git_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        # With its work tree named, git makes no bare repository of it.
        made = replace(self._git, work_tree=self.path)
        flags = ("--quiet", "--template=", "--initial-branch=none", "--object-format=sha1")
        made.run("init", *flags)

    def _checked(self, branch: str) -> str:
        ref = f"refs/heads/{branch.removeprefix('refs/heads/')}"
        if not (self._git.git_dir / "HEAD").is_file():
            with self._alone(None):
                pass
        if "\0" in ref or not self._git.succeeds("check-ref-format", ref):
            raise RepositoryError("that is no name of a branch")
        return ref

    def _holds(self, commit: str) -> bool:
        """Say whether a commit was brought whole, and can still be read."""
        walk = ("rev-list", "--objects", "--max-count=1", "--quiet", f"{_FETCHED}{commit}", "--")
        return self._git.succeeds(*walk)

    def _replaceable(self, pushed: str, before: str, commit: str) -> bool:
        if self._git.succeeds("rev-parse", "--verify", "--quiet", f"{pushed}{before}"):
            return True
        return self._git.succeeds("merge-base", "--is-ancestor", before, commit)

    def _bring_whole(self, remote: Remote, wanted: Sequence[str], refs: Sequence[str]) -> None:
        try:
            self._bring(remote, wanted, refs)
        except (RemoteAway, RemoteRefused, CommitGone):
            raise
        except RepositoryError:
            if self._git.succeeds("rev-list", "--objects", "--all", "--quiet"):
                raise
            self._begin_again(remote, wanted, refs)
        if not all(self._holds(commit) for commit in wanted):
            self._begin_again(remote, wanted, refs)
        if broken := [commit for commit in wanted if not self._holds(commit)]:
            raise RemoteRefused(f"{broken[0]} was sent without all that belongs to it")

    def _bring(self, remote: Remote, wanted: Sequence[str], refs: Sequence[str]) -> None:
        try:
            remote.fetch([f"+{commit}:{_FETCHED}{commit}" for commit in wanted])
        except CommitGone:
            if not refs:
                raise
            self._bring_by_refs(remote, wanted, refs)

    def _bring_by_refs(self, remote: Remote, wanted: Sequence[str], refs: Sequence[str]) -> None:
        there = [ref for ref in refs if remote.tip(ref)]
        if there:
            remote.fetch([f"+{ref}:{_FETCHED}{ref}" for ref in there])
        for commit in wanted:
            if not self._git.succeeds("cat-file", "-e", f"{commit}^{{commit}}"):
                raise CommitGone(f"the commit {commit} is not in the forge's repository any longer")
            self._git.run("update-ref", f"{_FETCHED}{commit}", commit)

    def _begin_again(self, remote: Remote, wanted: Sequence[str], refs: Sequence[str]) -> None:
        """Make the objects anew in place, so that the checkout stays the same; our branches are kept."""
        git_dir = self._git.git_dir
        kept = self._kept_refs()
        old = git_dir / f"objects.{uuid.uuid4().hex}"
        (git_dir / "objects").rename(old)
        for name in ("refs", "logs"):
            shutil.rmtree(git_dir / name, ignore_errors=True)
        (git_dir / "refs").mkdir()
        (git_dir / "packed-refs").unlink(missing_ok=True)
        (git_dir / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        (git_dir / "objects").mkdir()
        self._bring(remote, wanted, refs)
        for ref, commit in kept.items():
            self._salvage(old, ref, commit, wanted)
        shutil.rmtree(old, ignore_errors=True)

    def _kept_refs(self) -> dict[str, str]:
        places = [path for kept in _KEPT for path in (self._git.git_dir / kept).rglob("*") if path.is_file()]
        values = {
            str(path.relative_to(self._git.git_dir)): path.read_text("ascii", "replace") for path in places
        }
        return {ref: value.strip() for ref, value in values.items() if _COMMIT.match(value.strip())}

    def _salvage(self, old: Path, ref: str, commit: str, known: Sequence[str]) -> None:
        with_old = replace(self._git, variables={"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(old)})
        pack = self._git.git_dir / "objects" / "pack" / "pack"
        pack.parent.mkdir(exist_ok=True)
        wanted = "".join(f"{one}\n" for one in (commit, *(f"^{one}" for one in known)))
        try:
            with_old.run("pack-objects", "--quiet", "--revs", str(pack), stdin=wanted.encode())
            self._git.run("update-ref", ref, commit)
        except RepositoryError:
            # What cannot be read any more cannot be delivered either; the task still has its patch.
            return


def _sweep(git_dir: Path) -> None:
    """Remove what a killed fetch left."""
    for path in (*git_dir.glob("objects/pack/tmp_*"), *git_dir.glob("objects.*")):
        if path.stat().st_mtime < time.time() - _HOUR:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
