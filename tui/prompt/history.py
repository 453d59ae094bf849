"""What was said at the prompt before, for this user only."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui.safe import shown

MOST = 500
"""Entries that are kept."""
_MOST_BYTES = 2_000_000
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A text as it was shown, and what stands behind the marks in it."""

    text: str
    pasted: Mapping[str, str] = field(default_factory=dict)


class History:
    """A file of JSON lines that only its owner may read, and a place in it.

    What cannot be read or written is left out: nobody loses a task because of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[Entry] | None = None
        self._read_as: tuple[int, int] | None = None
        """Of the file when it was read or written last."""
        self._back = 0
        self._draft = Entry("")

    def add(self, entry: Entry) -> None:
        """Remember what was said; the same again is remembered once."""
        self._back = 0
        entries = self._known()
        if entries and entries[-1] == entry:
            return
        entries.append(entry)
        if len(entry.text) + sum(map(len, entry.pasted.values())) <= _LONGEST:
            self._write(entry)

    def earlier(self, draft: Entry) -> Entry | None:
        """Return the entry before the one that is shown, None at the first; a draft is kept meanwhile.

        What was said elsewhere meanwhile is there too, unless one is looking back already.
        """
        if self._back == 0 and self._stand() != self._read_as:
            self._entries = None
        entries = self._known()
        if self._back >= len(entries):
            return None
        if self._back == 0:
            self._draft = draft
        self._back += 1
        return entries[-self._back]

    def later(self) -> Entry | None:
        """Return the entry after the one that is shown, at last the draft; None when that is shown."""
        if self._back == 0:
            return None
        self._back -= 1
        return self._known()[-self._back] if self._back else self._draft

    def _known(self) -> list[Entry]:
        if self._entries is None:
            self._read_as = self._stand()
            self._entries = _read(self._path)
        return self._entries

    def _stand(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size

    def _write(self, entry: Entry) -> None:
        row = json.dumps({"text": entry.text, "pasted": dict(entry.pasted)})
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > _MOST_BYTES:
                self._shorten()
            with os.fdopen(_opened(self._path, os.O_APPEND), "a", encoding="utf-8") as file:
                file.write(row + "\n")
            self._read_as = self._stand()
        except OSError:
            return

    def _shorten(self) -> None:
        """Leave the newer half, which another terminal may have written."""
        with self._path.open("rb") as file:
            file.seek(-_MOST_BYTES // 2, os.SEEK_END)
            kept = file.read().partition(b"\n")[2]
        beside = self._path.with_suffix(f".{os.getpid()}")
        with os.fdopen(_opened(beside, os.O_TRUNC), "wb") as file:
            file.write(kept)
        beside.replace(self._path)


def _opened(path: Path, how: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | how, 0o600)


def _read(path: Path) -> list[Entry]:
    try:
        rows = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [entry for row in rows[-MOST:] if (entry := _entry(row)) is not None]


def _entry(row: str) -> Entry | None:
    """Read a row; None for one that another version, or somebody else, wrote."""
    try:
        said = json.loads(row)
        pasted = {shown(str(mark)): shown(str(text)) for mark, text in dict(said["pasted"]).items()}
        return Entry(shown(str(said["text"])), pasted)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
