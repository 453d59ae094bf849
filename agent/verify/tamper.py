"""Where a change loosens what measures it: its tests, what they read, and the settings around them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from agent.protocol.check import Location
from agent.protocol.verdict import Tamper, TamperKind
from agent.repo.store import Store
from agent.verify.doctests import lost_examples
from agent.verify.line_changes import first_change, loses_lines
from agent.verify.loosened import losses
from agent.verify.module_level import module_losses
from agent.verify.path_class import PathClass, path_class
from agent.verify.test_code import TestCode, TestFunction, read_test_code
from agent.verify.tool_settings import loosens_tools
from agent.verify.trees import Trees

_MOST = 200
_PROSE = (".txt", ".rst", ".md")


def tampering(store: Store, trees: Trees, holding: Iterable[str] = ()) -> tuple[Tamper, ...]:
    """Return every loosening that the text of a change shows.

    Looked at are files of tests, the settings, and `holding`: other files that hold tests, such as
    source with doctests. An addition is never one, and neither is an assertion that became stricter.
    """
    change = _Change(store, trees, frozenset(holding))
    return tuple(change.found())[:_MOST]


@dataclass(frozen=True)
class _Change:
    store: Store
    trees: Trees
    holding: frozenset[str]

    def found(self) -> Iterator[Tamper]:
        for path in self.trees.changed:
            if path in self.trees.test_control:
                yield self._at(TamperKind.TEST_SETTINGS, path, first_change(*self.sides(path)), "", "")
            elif loosens_tools(path, *self.sides(path)):
                yield self._at(TamperKind.TOOL_SETTINGS, path, first_change(*self.sides(path)), "", "")
            elif self._is_test(path) and path in self.store.list(self.trees.base):
                yield from self._in_tests(path)

    def sides(self, path: str) -> tuple[bytes, bytes]:
        """Return a file before and after, empty where it is not there."""
        before, after = (self._read(tree, path) for tree in (self.trees.base, self.trees.candidate))
        return before, after

    def _read(self, tree: str, path: str) -> bytes:
        entry = self.store.list(tree).get(path)
        return self.store.read(tree, path) if entry is not None and entry.is_file else b""

    def _is_test(self, path: str) -> bool:
        return path_class(path) is PathClass.TEST or path in self.holding

    def _in_tests(self, path: str) -> Iterator[Tamper]:
        before, after = self.sides(path)
        if not path.endswith(".py"):
            yield from self._in_data(path, before, after)
            return
        old, new = read_test_code(before), read_test_code(after)
        if old is None or new is None:
            yield self._at(TamperKind.REWRITTEN, path, 1, "", "the file cannot be read as Python")
            return
        try:
            yield from self._in_code(path, old, new)
        except RecursionError:
            yield self._at(TamperKind.REWRITTEN, path, 1, "", "the file is nested too deeply to be read")

    def _in_data(self, path: str, before: bytes, after: bytes) -> Iterator[Tamper]:
        if path.endswith(_PROSE):
            texts = ({"": side.decode("utf-8", "replace")} for side in (before, after))
            for kind, line, name, message in lost_examples(*texts):
                yield self._at(kind, path, line, name, message)
        elif loses_lines(before, after) or path not in self.store.list(self.trees.candidate):
            yield self._at(TamperKind.DATA, path, first_change(before, after), "", "tests may read it")

    def _in_code(self, path: str, old: TestCode, new: TestCode) -> Iterator[Tamper]:
        whole = path_class(path) is PathClass.TEST
        for name, function in old.functions.items():
            if not (whole or function.is_test):
                continue
            if name not in new.functions:
                yield from self._gone(path, function)
                continue
            for kind, line, message in losses(function, new.functions[name]):
                yield self._at(kind, path, line, name, message)
        for kind, line, message in module_losses(old, new, whole):
            yield self._at(kind, path, line, "", message)
        for kind, line, name, message in lost_examples(old.docstrings, new.docstrings):
            yield self._at(kind, path, line, name, message)

    def _gone(self, path: str, function: TestFunction) -> Iterator[Tamper]:
        if not function.is_test:
            return
        place = self._moved.get(function.text)
        kind = TamperKind.RENAMED if place else TamperKind.REMOVED
        yield self._at(kind, path, function.line, function.name, f"now {place}" if place else "")

    @cached_property
    def _moved(self) -> dict[str, str]:
        """Return text -> place of every function that the change adds to files of tests."""
        found = {}
        for path in self.trees.changed_tests:
            if not path.endswith(".py"):
                continue
            old, new = (read_test_code(side) for side in self.sides(path))
            for name, function in (new.functions if new else {}).items():
                if old is None or name not in old.functions:
                    found[function.text] = f"{path}::{name}"
        return found

    def _at(self, kind: TamperKind, path: str, line: int, name: str, message: str) -> Tamper:
        test = f"{path}::{name}" if name else ""
        return Tamper(kind=kind, location=Location(path=path, line=line), test=test, message=message)
