"""What a text of edits asks for, before anything is known about the files."""

from dataclasses import dataclass, field

from agent.patches.block import Block


@dataclass(frozen=True, slots=True)
class Where:
    """What a format says about the place beside the lines themselves."""

    line: int = 0
    """The 1-based line that a diff claims, believed only to choose between equal places."""
    inside: tuple[str, ...] = ()
    """Headings that the place comes after, outermost first."""
    at_end: bool = False
    ordered: bool = False
    """The place comes after the edit before it in the same file."""


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Replace lines; with nothing to search for, create the file or fill an empty one."""

    path: str
    search: Block
    replace: Block
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class CreateFile:
    """Add a file that must not exist."""

    path: str
    content: Block
    executable: bool = False


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Remove a file; `content`, when said, must be what it holds."""

    path: str
    content: Block | None = None


@dataclass(frozen=True, slots=True)
class MoveFile:
    """Give a file another path, which must be free."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class ReplaceSymbol:
    """Replace the whole source of one definition; no lines remove it."""

    path: str
    symbol: str
    source: Block


@dataclass(frozen=True, slots=True)
class WholeFile:
    """Give a file its whole text, new or not."""

    path: str
    content: Block


Intent = ReplaceText | CreateFile | DeleteFile | MoveFile | ReplaceSymbol | WholeFile
