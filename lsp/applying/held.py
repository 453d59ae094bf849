"""What the editor has of a file: its buffer, or else what is on the disk."""

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from agent.patches.paths import path_fault
from lsp.applying.view import saved, text_of
from lsp.folders import path_of, uri_of
from lsp.text.document import Document, Encoding, feed_of

_RUNS = stat.S_IXUSR


@dataclass(frozen=True, slots=True)
class Buffer:
    """A document that is open, as it is at one moment."""

    uri: str
    path: Path
    version: int
    text: str
    desynced: str
    feed: str | None
    """What it was opened with, as `feed_of` has it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file as it is now; `text` is None where there is none."""

    path: str
    """Below the repository."""
    uri: str
    text: str | None = None
    disk: str | None = None
    """What is on the disk, where that is a text."""
    version: int | None = None
    """Of the buffer; None when it is not open."""
    encoding: Encoding = Encoding.UTF16
    keeps_ends: bool = True
    runs: bool = False
    """Whether the file may be executed."""
    fault: str = ""
    """Why nothing can be done with it; a clause."""

    @property
    def saved(self) -> str | None:
        """Return what will be on the disk once the buffer is saved."""
        return None if self.text is None else saved(self.text, self.disk, keeps_ends=self.keeps_ends)

    @property
    def unsaved(self) -> bool:
        """Say whether the buffer is other than the file."""
        return self.version is not None and self.saved != self.disk


def buffers(documents: Iterable[Document]) -> dict[Path, Buffer]:
    """Return the open documents that are files, by their path with links resolved."""
    found = {}
    for one in documents:
        path = path_of(one.uri)
        if path is not None:
            found[path] = Buffer(one.uri, path, one.version, one.text, one.desynced, one.feed)
    return found


def versions(documents: Iterable[Document]) -> dict[Path, int]:
    """Return the versions of the open documents that are files and can be followed, by their path."""
    found = ((path_of(one.uri), one) for one in documents if not one.desynced)
    return {path: one.version for path, one in found if path is not None}


def hold(root: Path, path: str, open_: Mapping[Path, Buffer], encoding: Encoding) -> Held:
    """Return what there is of a file of a repository, reading the disk."""
    fault = path_fault(path)
    if fault:
        return Held(path, "", fault=fault)
    place = root / path
    buffer = open_.get(place.resolve())
    uri = buffer.uri if buffer else uri_of(place)
    if place.resolve() != root.resolve() / path:
        return Held(path, uri, fault="a link lies in its way")
    content, runs, fault = _read(place)
    held = Held(path, uri, content, content, encoding=encoding, runs=runs, fault=fault)
    return _opened(held, buffer) if buffer else held


def _opened(held: Held, buffer: Buffer) -> Held:
    fault = f"{buffer.desynced}; close it and open it again" if buffer.desynced else ""
    now = feed_of(buffer.text)
    keeps = now == buffer.feed or now is None or buffer.feed is None
    return replace(
        held, text=buffer.text, version=buffer.version, keeps_ends=keeps, fault=fault or held.fault
    )


def _read(place: Path) -> tuple[str | None, bool, str]:
    """Return a file's text, whether it may be executed, and what is wrong with it."""
    try:
        status = place.lstat()
        if not stat.S_ISREG(status.st_mode):
            return None, False, "it is no plain file"
        return text_of(place.read_bytes()), bool(status.st_mode & _RUNS), ""
    except (FileNotFoundError, NotADirectoryError):
        return None, False, ""
    except OSError as error:
        return None, False, f"it cannot be read: {error.strerror}"
    except ValueError as error:
        return None, False, str(error)
