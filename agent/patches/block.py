"""Lines as a model wrote them, with what it said about line ends and the end of the file."""

from collections.abc import Sequence
from dataclasses import dataclass

NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines without their ends.

    `carriage` says which lines were written with a carriage return; where none was, nothing is
    said about line ends. `bare` says that the last line is marked to have no newline.
    """

    texts: tuple[str, ...] = ()
    carriage: tuple[bool, ...] = ()
    bare: bool = False

    @property
    def has_carriage(self) -> bool:
        """Say whether line ends were written explicitly."""
        return any(self.carriage)

    def cut(self, head: int, tail: int) -> "Block":
        """Return the block without so many of its first and last lines."""
        end = len(self.texts) - tail
        return Block(self.texts[head:end], self.carriage[head:end], self.bare)


def block_of(lines: Sequence[str]) -> Block:
    """Return the block of lines split at line feeds; a last line of git's marker is the marker."""
    bare = bool(lines) and lines[-1].rstrip("\r") == NO_NEWLINE
    if bare:
        lines = lines[:-1]
    last = len(lines) - 1
    carriage = tuple(line.endswith("\r") and not (bare and n == last) for n, line in enumerate(lines))
    texts = tuple(line[:-1] if cut else line for line, cut in zip(lines, carriage, strict=True))
    return Block(texts, carriage, bare)


def marked_block(lines: Sequence[str], bare: bool) -> Block:
    """Return the block of the lines of a diff, whose marker stands apart from them."""
    return block_of([*lines, NO_NEWLINE] if bare else lines) if bare or not lines else _plain(lines)


def _plain(lines: Sequence[str]) -> Block:
    carriage = tuple(line.endswith("\r") for line in lines)
    texts = tuple(line[:-1] if cut else line for line, cut in zip(lines, carriage, strict=True))
    return Block(texts, carriage)


def text_block(text: str) -> Block:
    """Return the block of a text; one without a final newline is marked so."""
    if not text:
        return Block()
    lines = text.split("\n")
    return _plain(lines[:-1]) if lines[-1] == "" else marked_block(lines, bare=True)
