"""What one file says by itself: definitions, calls, imports and bases, whatever its path or snapshot."""

from dataclasses import dataclass
from enum import StrEnum

MODULE = -1
"""The `ordinal` of code that is in no definition."""


class Kind(StrEnum):
    """What a definition is; the same words for every language."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    INTERFACE = "interface"
    ENUM = "enum"
    TYPE = "type"
    MODULE = "module"
    CONSTANT = "constant"
    VARIABLE = "variable"
    FIELD = "field"
    MACRO = "macro"
    SECTION = "section"
    """A heading, key, selector or anchor of an outline language."""


CALLABLE = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.MACRO})
HOLDER = frozenset({Kind.CLASS, Kind.INTERFACE, Kind.ENUM, Kind.TYPE, Kind.MODULE})
"""Kinds that have members."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A named piece of a file; lines count from 1 and are inclusive, bytes are half-open."""

    ordinal: int
    """Place in `FileFacts.definitions`, which are in the order of the file: a parent before its members."""
    name: str
    qualname: str
    """Dotted with the names of its parents, e.g. `Matrix.row_join`."""
    kind: Kind
    parent: int
    """Ordinal of the innermost definition around it, or MODULE."""
    start_line: int
    """Of the first decorator or attribute, when there is one."""
    end_line: int
    start_byte: int
    end_byte: int
    name_byte: int
    """Where the name itself starts."""
    signature: str
    """The header on one line, without the body."""
    doc: str
    """The first line of the docstring or of the comment above; empty when there is none."""
    is_test: bool
    """Whether name, decorator or attribute makes it a test of its language's usual runners."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as written: `receiver.name(...)`; a constructor call and a macro call are calls."""

    name: str
    receiver: str
    """The dotted chain before the name, "" for a plain call, "?" for any other expression."""
    byte: int
    """Where the name starts."""
    line: int
    definition: int
    """Ordinal of the innermost definition around it, or MODULE."""


@dataclass(frozen=True, slots=True)
class Import:
    """A name bound from elsewhere; one for each bound name."""

    module: str
    """As written: `a.b`, `..a`, `./util.js`, `<stdio.h>` without the brackets or quotes."""
    name: str
    """What is taken from the module: "" for the module itself, "*" for everything."""
    alias: str
    """The name it is bound to in the file; "" when it binds none."""
    line: int


@dataclass(frozen=True, slots=True)
class Parent:
    """A class that another one extends or implements."""

    definition: int
    """Ordinal of the class."""
    name: str
    """As written, dotted; type arguments dropped."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """All that the text of one file says."""

    language: str
    lines: int
    has_errors: bool
    """Whether some part could not be parsed; the rest is here all the same."""
    definitions: tuple[Definition, ...] = ()
    calls: tuple[Call, ...] = ()
    imports: tuple[Import, ...] = ()
    parents: tuple[Parent, ...] = ()
