"""What is known about a line of the tree that a task saw."""

from dataclasses import dataclass
from enum import IntEnum

from agent.protocol.check import Location
from lsp.names import Code


class Level(IntEnum):
    """How much a fact matters (LSP 3.17, DiagnosticSeverity)."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a fact is about: a line, or the definition of a test."""

    message: str
    location: Location | None = None
    test: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to be shown at a line."""

    code: Code
    task: str
    location: Location
    message: str
    level: Level
    tests: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    patched: bool = False
    """The line counts in the tree with the task's patch on it, not in the one that it found."""
    at_definition: bool = False
    """No line is known: it belongs to where the first of the tests is defined."""
