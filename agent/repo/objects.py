"""Our own repository for one of the user's, and the view through which it fetches."""

import hashlib
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent.protocol.errors import RepositoryError
from agent.repo.alone import alone
from agent.repo.git import Git
from agent.repo.source import Source, read_optional
from agent.repo.stale_locks import clear_locks
from agent.repo.user_config import UserConfig, read_config

_VIEW_CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = true
[uploadpack]
\tallowAnySHA1InWant = true
[gc]
\tauto = 0
"""
_DAY = 86_400
# Later lines win within a file, and info/attributes wins over every file of a tree: nothing that
# would run a program, rewrite content or leave a file out survives; line endings and encodings do.
_NEUTRAL_ATTRIBUTES = b"\n* !filter !ident !diff !merge !export-ignore !export-subst !delta\n"


@dataclass(frozen=True, slots=True)
class Objects:
    """`ours` holds every object we work on; `view` reads the user's refs and objects under our config."""

    source: Source
    home: Path
    """Directory below the state directory that belongs to this repository."""
    ours: Git
    view: Git
    binary: Git
    """Our objects under attributes that call every file binary, for diffs."""
    config: UserConfig
    interrupt: threading.Event | None = None
    """Set when nobody wants to wait for other processes any longer."""

    def refresh(self) -> None:
        """Make the view see the present HEAD and attributes of the user's repository."""
        _write(self.view.git_dir / "HEAD", f"{self.source.head()}\n".encode("utf-8", "surrogateescape"))
        attributes = read_optional(self.source.common_dir / "info" / "attributes")
        _write(self.ours.git_dir / "info" / "attributes", attributes + _NEUTRAL_ATTRIBUTES)

    def fetch(self, *wanted: str) -> None:
        """Bring HEAD, all tags and the wanted commits into our repository."""
        self.refresh()
        refspecs = ["+HEAD:refs/source/head", "+refs/tags/*:refs/tags/*"]
        refspecs += [f"+{commit}:refs/source/{commit}" for commit in wanted]
        with self.locked():
            clear_locks(self.ours.git_dir)
            depth = self._depth()
            self._fetch([*depth, "--end-of-options", str(self.view.git_dir), *refspecs])

    def has(self, commit: str) -> bool:
        """Return whether our repository holds a commit."""
        return self.ours.succeeds("cat-file", "-e", f"{commit}^{{commit}}")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing our repository meanwhile; raises Interrupted."""
        with alone(self.home / "lock", self.interrupt):
            yield

    def _fetch(self, arguments: list[str]) -> None:
        flags = ["--quiet", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules"]
        try:
            self.ours.run("fetch", *flags, "--no-tags", "--prune", *arguments)
        except RepositoryError as error:
            if self.config.is_partial():
                raise RepositoryError(
                    "this is a partial clone, and objects of it are only at its remote",
                    hint="complete it first: `git fetch --refetch --no-filter`",
                    log=error.log,
                ) from error
            raise RepositoryError(
                "the repository's objects cannot be read", hint="run `git fsck`", log=error.log
            ) from error

    def _depth(self) -> list[str]:
        # A boundary that moved in the user's clone must move in ours too, which a plain fetch never does.
        known = read_optional(self.ours.git_dir / "shallow")
        moved = known and sorted(known.split()) != sorted(self.source.shallow.split())
        return ["--unshallow"] if moved else ["--update-shallow"]


def open_objects(source: Source, state: Path, interrupt: threading.Event | None = None) -> Objects:
    """Open, and make on first use, our repository below `state`; raises Interrupted while it waits."""
    home = state / "repositories" / trust_id(source)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    ours, view = Git(home / "objects.git"), Git(home / "view.git")
    binary = Git(home / "binary.git", objects=ours.git_dir / "objects")
    with alone(home / "lock", interrupt):
        _write(home / "root", os.fsencode(source.root) + b"\n")
        _make_view(view.git_dir, source)
        _make_ours(ours.git_dir, _NEUTRAL_ATTRIBUTES)
        _make_ours(binary.git_dir, b"* -diff\n")
        _sweep(ours.git_dir)
    config = read_config(view, source)
    if config.get("extensions.objectformat", "sha1") != "sha1":
        raise RepositoryError(
            "repositories with SHA-256 object names are not supported", hint="work in a clone made with SHA-1"
        )
    settings = {"core.attributesFile": str(config.attributes_file())}
    ours, view = replace(ours, settings=settings), replace(view, settings=settings)
    objects = Objects(source, home, ours, view, binary, config, interrupt)
    objects.refresh()
    return objects


def trust_id(source: Source) -> str:
    """Return a stable id of one checkout: its real path and the identity of its `.git`."""
    entry = (source.root / ".git").lstat()
    identity = f"{source.root}\0{entry.st_dev}\0{entry.st_ino}"
    return hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def user_objects(objects: Objects) -> Git:
    """Return git that writes objects and refs into the user's repository, under our configuration."""
    shared = objects.config.harmless().get("core.sharedrepository")
    settings = {"core.sharedRepository": shared} if shared else {}
    if not (objects.source.common_dir / "logs").is_dir():
        settings["core.logAllRefUpdates"] = "false"
    return replace(objects.view, objects=objects.source.objects, settings=settings)


def _make_ours(git_dir: Path, attributes: bytes) -> None:
    if (git_dir / "info" / "attributes").is_file():
        return
    git_dir.mkdir(exist_ok=True, mode=0o700)
    Git(git_dir).run("init", "--quiet", "--bare", "--template=", "--initial-branch=none")
    (git_dir / "info").mkdir(exist_ok=True)
    _write(git_dir / "info" / "attributes", attributes)


def _make_view(view: Path, source: Source) -> None:
    (view / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (view / "info").mkdir(exist_ok=True)
    _write(view / "config", _VIEW_CONFIG.encode())
    # A relative path through a link needs no quoting, whatever the user's directories are called.
    _link(view / "source-objects", source.objects)
    _write(view / "objects" / "info" / "alternates", b"../source-objects\n")
    for name in ("refs", "packed-refs", "shallow", "logs"):
        _link(view / name, source.common_dir / name)
    _link(view / "info" / "attributes", source.common_dir / "info" / "attributes")


def _sweep(git_dir: Path) -> None:
    # Index files of a process that was killed; a living one needs its own for seconds.
    for index in git_dir.glob("index.*"):
        if index.stat().st_mtime < time.time() - _DAY:
            index.unlink(missing_ok=True)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _write(path: Path, content: bytes) -> None:
    if read_optional(path) == content:
        return
    fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    fresh.write_bytes(content)
    fresh.replace(path)
