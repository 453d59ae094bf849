"""What names mean inside one file: its definitions by name and owner, its imports by bound name."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from agent.index.definitions import DefinitionRow, enclosing
from agent.index.facts import CALLABLE, HOLDER, MODULE
from agent.index.imports import ImportRow
from agent.index.pack import Columns


class Scopes:
    """One file as resolution sees it."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.rows = columns.definitions
        self.around = enclosing(columns.definitions)

    @cached_property
    def members(self) -> dict[int, dict[str, list[int]]]:
        """Return ordinals by name by the ordinal of the definition they are in."""
        found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for ordinal, row in enumerate(self.rows):
            found[row[3]][row[0]].append(ordinal)
        for ordinal, row in enumerate(self.rows):
            self._add_to_owner(found, ordinal, row)
        return found

    def _add_to_owner(self, found: dict[int, dict[str, list[int]]], ordinal: int, row: DefinitionRow) -> None:
        # A method written outside of its class (Go, Rust, C++) belongs to the class all the same.
        owner, _, name = row[1].rpartition(".")
        above = self.rows[row[3]][1] if row[3] != MODULE else ""
        if row[2] in CALLABLE and owner and owner != above:
            for holder in self.by_qualname.get(owner, ()):
                found[holder][name].append(ordinal)

    @cached_property
    def by_qualname(self) -> dict[str, list[int]]:
        """Return the ordinals of holders by qualified name."""
        found: dict[str, list[int]] = defaultdict(list)
        for ordinal, row in enumerate(self.rows):
            if row[2] in HOLDER:
                found[row[1]].append(ordinal)
        return found

    @cached_property
    def imported(self) -> dict[str, list[ImportRow]]:
        """Return imports by the name that they bind."""
        found: dict[str, list[ImportRow]] = defaultdict(list)
        for row in self.columns.imports:
            found[row[2]].append(row)
        return found

    @cached_property
    def stars(self) -> list[str]:
        """Return the modules of which everything is imported."""
        return [module for module, name, _, _ in self.columns.imports if name == "*"]

    @cached_property
    def parents(self) -> dict[int, list[str]]:
        """Return the written names of its parents by the ordinal of a class."""
        found: dict[int, list[str]] = defaultdict(list)
        for ordinal, name in self.columns.parents:
            found[ordinal].append(name)
        return found

    def chain(self, ordinal: int) -> Iterator[int]:
        """Yield a definition and those around it, innermost first, MODULE last."""
        while ordinal != MODULE:
            yield ordinal
            ordinal = self.rows[ordinal][3]
        yield MODULE

    def owner(self, ordinal: int) -> int | None:
        """Return the class that a definition is in, None when it is in none."""
        for one in self.chain(ordinal):
            if one != MODULE and self.rows[one][2] in HOLDER:
                return one
        for one in self.chain(ordinal):
            if one != MODULE and (named := self.by_qualname.get(self.rows[one][1].rpartition(".")[0])):
                return named[0]
        return None

    def visible(self, name: str, ordinal: int) -> list[int]:
        """Return the definitions that a plain name means at a place, by the scopes of its own file."""
        for number, scope in enumerate(self.chain(ordinal)):
            if (
                number
                and scope != MODULE
                and self.rows[scope][2] in HOLDER
                and self.columns.language == "python"
            ):
                continue
            if found := self.members[scope].get(name) if scope in self.members else None:
                return found
        return []
