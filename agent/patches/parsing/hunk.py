"""The body of one hunk of a diff: lines kept, removed and added."""

from dataclasses import dataclass, field

MARKER = "\\"


@dataclass(slots=True)
class Hunk:
    """Lines with their sign; an empty line is a kept blank one whose space was lost."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    old_bare: bool = False
    new_bare: bool = False
    lost: int = 0
    """How many lines at the end have lost their space."""

    @property
    def changes(self) -> bool:
        """Say whether it removes or adds a line."""
        return any(sign != " " for sign, _ in self.lines)

    def take(self, line: str) -> bool:
        """Add a line; False when it is no line of a hunk."""
        if line.startswith(MARKER):
            return self._take_marker()
        if line.rstrip("\r") and line[0] not in " +-":
            return False
        is_lost = not line.rstrip("\r")
        self.lost = self.lost + 1 if is_lost else 0
        self.lines.append((" ", line) if is_lost else (line[0], line[1:]))
        return True

    def drop_trailing_blanks(self) -> None:
        """Remove the empty lines at the end, which separate hunks more often than they are context."""
        if self.lost:
            self.lines = self.lines[: -self.lost]
            self.lost = 0

    def counts(self) -> tuple[int, int]:
        """Return how many lines the old and the new text have here."""
        removed = sum(sign == "-" for sign, _ in self.lines)
        added = sum(sign == "+" for sign, _ in self.lines)
        return len(self.lines) - added, len(self.lines) - removed

    def sides(self) -> tuple[list[str], list[str]]:
        """Return the old and the new lines."""
        old = [text for sign, text in self.lines if sign != "+"]
        new = [text for sign, text in self.lines if sign != "-"]
        return old, new

    def _take_marker(self) -> bool:
        if not self.lines:
            return False
        sign = self.lines[-1][0]
        self.old_bare = self.old_bare or sign != "+"
        self.new_bare = self.new_bare or sign != "-"
        return True
