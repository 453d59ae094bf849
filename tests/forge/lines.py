"""The lines of a pull request that a comment may stand on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass
class Shown:
    """The lines of a file that the diff shows, by side, each with the number of its hunk."""

    left: dict[int, int] = field(default_factory=dict)
    right: dict[int, int] = field(default_factory=dict)
    hunks: list[str] = field(default_factory=list)

    def side(self, name: str) -> Mapping[int, int]:
        """Return the lines of a side, LEFT or RIGHT."""
        return self.left if name == "LEFT" else self.right


def shown(diff: str) -> Mapping[str, Shown]:
    """Return the lines that a unified diff shows, by the path that GitHub knows the file under."""
    files: dict[str, Shown] = {}
    current, before, old, new, left, right = Shown(), "", 0, 0, 0, 0
    for line in diff.splitlines():
        if line.startswith("diff --git "):
            current, left, right = Shown(), 0, 0
        elif not left and line.startswith("--- "):
            before = _path(line)
        elif not left and line.startswith("+++ "):
            files[_path(line) or before] = current
        if found := _HUNK.match(line):
            old, new, left = int(found[1]), int(found[2]), 1
            right = len(current.hunks)
            current.hunks.append(line)
            continue
        if not left or line.startswith("\\"):
            continue
        current.hunks[right] += f"\n{line}"
        if line[:1] in ("-", " "):
            current.left[old] = right
            old += 1
        if line[:1] in ("+", " "):
            current.right[new] = right
            new += 1
    return files


def _path(line: str) -> str:
    name = line[4:].rstrip("\t")
    if name.startswith('"'):
        name = name.strip('"').encode().decode("unicode_escape").encode("latin-1").decode(errors="replace")
    return "" if name == "/dev/null" else name[2:]
