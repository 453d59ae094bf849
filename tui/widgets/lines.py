"""Output as it grows, in lines: bounded, however much a command prints."""

_MOST_LINES = 100_000
_MOST_CHARACTERS = 24_000_000
_LONGEST = 2_000
"""Characters of one line that are kept."""


class Lines:
    """Takes text piece by piece; the oldest lines go when there are too many.

    A carriage return begins its line anew, as a terminal has it. Lines are kept as they came: whoever shows
    one makes it harmless.
    """

    def __init__(self, text: str = "", most: int = _MOST_LINES) -> None:
        self._most = most
        self._lines: list[str] = []
        self._open = ""
        self._size = 0
        self.dropped = 0
        """Lines that were let go."""
        self.width = 0
        """Characters of the longest line so far."""
        self.add(text)

    def __len__(self) -> int:
        return len(self._lines) + bool(self._open)

    def __getitem__(self, number: int) -> str:
        return self._lines[number] if number < len(self._lines) else _last_written(self._open)

    def add(self, piece: str) -> None:
        """Take the next piece, which may end anywhere."""
        whole, newline, rest = piece.rpartition("\n")
        if not newline:
            self._open = self._kept(self._open + piece)
            return
        for one in (self._open + whole).split("\n"):
            line = _last_written(one.removesuffix("\r"))[:_LONGEST]
            self._lines.append(line)
            self._size += len(line)
            self.width = max(self.width, len(line))
        self._open = self._kept(rest)
        self._drop()

    def text(self, first: int = 0, end: int | None = None) -> str:
        """Return some of the lines, as they came."""
        return "\n".join(self[number] for number in range(first, len(self) if end is None else end))

    def _kept(self, line: str) -> str:
        self.width = max(self.width, min(len(line), _LONGEST))
        return line if len(line) <= 2 * _LONGEST else _last_written(line)[:_LONGEST]

    def _drop(self) -> None:
        """Let a tenth go at once, so that it is not done for every line."""
        if len(self._lines) <= self._most and self._size <= _MOST_CHARACTERS:
            return
        gone = max(len(self._lines) - self._most, len(self._lines) // 10)
        self._size -= sum(map(len, self._lines[:gone]))
        del self._lines[:gone]
        self.dropped += gone


def _last_written(line: str) -> str:
    return line.removesuffix("\r").rpartition("\r")[2]
