"""Files of the user's working tree, replaced one by one without following a link or losing a change."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent.protocol.errors import DeliveryRefused

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Content:
    """A regular file as it lies in the working tree; `mode` holds its permission bits."""

    data: bytes
    mode: int


def read_file(root: Path, path: str) -> Content | None:
    """Return a file's content, None when nothing is there; refuses links and special files."""
    try:
        with _parent(root, path, make=False) as (directory, name):
            return _read(directory, name, path)
    except FileNotFoundError:
        return None


def replace_file(root: Path, path: str, seen: Content | None, wanted: Content | None) -> None:
    """Put `wanted` in place of `seen` in one rename; raises DeliveryRefused when the file is not as seen."""
    with _parent(root, path, make=wanted is not None) as (directory, name):
        if _read(directory, name, path) != seen:
            raise DeliveryRefused(f"{path} changed meanwhile", hint="run it again")
        if wanted is None:
            if seen is not None:
                os.unlink(name, dir_fd=directory)
        else:
            _write(directory, name, _fresh_name(path), wanted, exclusive=seen is None)
    if wanted is None:
        _drop_empty_parents(root, path)


def tidy(root: Path, path: str) -> None:
    """Remove what a killed write of the file left next to it."""
    with suppress(OSError, DeliveryRefused), _parent(root, path, make=False) as (directory, _):
        _discard(directory, _fresh_name(path))
    _drop_empty_parents(root, path)


@contextmanager
def _parent(root: Path, path: str, *, make: bool) -> Iterator[tuple[int, str]]:
    *parents, name = path.split("/")
    directory = os.open(root, _DIRECTORY)
    try:
        for parent in parents:
            below = _enter(directory, parent, path, make)
            os.close(directory)
            directory = below
        yield directory, name
    finally:
        os.close(directory)


def _enter(directory: int, name: str, path: str, make: bool) -> int:
    try:
        if make and not _exists(directory, name):
            os.mkdir(name, dir_fd=directory)
        return os.open(name, _DIRECTORY, dir_fd=directory)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DeliveryRefused(f"{path} cannot be reached through {name}: {error.strerror}") from error


def _exists(directory: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _read(directory: int, name: str, path: str) -> Content | None:
    try:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise DeliveryRefused(f"{path} is not a regular file in the working tree")
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory), "rb") as file:
        return Content(file.read(), stat.S_IMODE(status.st_mode))


def _write(directory: int, name: str, fresh: str, content: Content, *, exclusive: bool) -> None:
    _discard(directory, fresh)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(fresh, flags, 0o600, dir_fd=directory), "wb") as file:
            file.write(content.data)
            os.fchmod(file.fileno(), content.mode)
            file.flush()
            os.fsync(file.fileno())
        if exclusive:
            # A link, unlike a rename, fails when somebody made the file meanwhile.
            os.link(fresh, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        else:
            os.rename(fresh, name, src_dir_fd=directory, dst_dir_fd=directory)
    finally:
        _discard(directory, fresh)


def _fresh_name(path: str) -> str:
    # The same for each run, so that what a killed one left is found.
    return f".ratchet-{hashlib.sha256(path.encode()).hexdigest()[:16]}"


def _discard(directory: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=directory)


def _drop_empty_parents(root: Path, path: str) -> None:
    # git keeps no empty directories either.
    parents = path.split("/")[:-1]
    while parents:
        try:
            with _parent(root, "/".join(parents), make=False) as (directory, name):
                os.rmdir(name, dir_fd=directory)
        except (OSError, DeliveryRefused):
            return
        parents.pop()
