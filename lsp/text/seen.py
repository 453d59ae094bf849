"""The texts that tasks saw, so that what they say about a line is shown at that line after edits."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from lsp.text.placing import disk_lines

MOST = 400


class Seen:
    """Texts by task and file; nothing is known of a file that was changed after the task's snapshot.

    A task takes what is on the disk: a text is remembered while the disk still has it.
    """

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, str], Sequence[str] | None] = OrderedDict()

    def has(self, task: str, path: str) -> bool:
        """Say whether it was already looked."""
        return (task, path) in self._texts

    def text(self, task: str, path: str) -> Sequence[str] | None:
        """Return the lines of a file as a task saw them; None when nobody can tell any more."""
        return self._texts.get((task, path))

    def look(self, task: str, repository: Path, path: str, at: float | None) -> None:
        """Remember a file, once; `at` is when the task had taken its snapshot, since the epoch."""
        key = (task, path)
        if key in self._texts:
            self._texts.move_to_end(key)
            return
        self._texts[key] = _unchanged(repository / path, at)
        while len(self._texts) > MOST:
            self._texts.popitem(last=False)


def _unchanged(path: Path, at: float | None) -> Sequence[str] | None:
    try:
        changed = path.stat().st_mtime
    except OSError:
        return None
    return disk_lines(path) if at is not None and changed <= at else None
