"""The Python files of the base tree, parsed once, and which of them import which."""

from functools import cached_property
from pathlib import PurePosixPath

from agent.index.syntax import Syntax, walk
from agent.planners.search.order import SourceFile
from agent.repo.store import Store
from agent.verify.path_class import PathClass, path_class

LARGEST = 2_000_000
"""Bytes above which a file is data, not a program that somebody edits."""
_NEAR_FILES = 3
_SOURCE_ROOTS = ("src", "lib")


class Sources:
    """Reads the tree of a problem; a file that is missing or too large is None."""

    def __init__(self, store: Store, tree: str) -> None:
        self._store = store
        self._tree = tree
        self._files: dict[str, SourceFile | None] = {}
        self._bytes: dict[str, bytes] = {}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Return the regular Python files of the tree."""
        entries = self._store.list(self._tree)
        return tuple(
            path for path, entry in entries.items() if path.endswith(".py") and entry.mode != "120000"
        )

    @cached_property
    def modules(self) -> dict[str, str]:
        """Return dotted module names with their paths, for every root they may be imported from."""
        found: dict[str, str] = {}
        for path in self.paths:
            parts = PurePosixPath(path).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            for cut in range(len(parts)):
                if cut == 0 or parts[cut - 1] in _SOURCE_ROOTS or cut == len(parts) - 1:
                    found.setdefault(".".join(parts[cut:]), path)
        return found

    def is_source(self, path: str) -> bool:
        """Say whether a path is code of the project rather than a test or a setting."""
        return path.endswith(".py") and path_class(path) is PathClass.SOURCE

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of the tree, empty when it has none."""
        if path not in self._bytes:
            known = path in self._store.list(self._tree)
            self._bytes[path] = self._store.read(self._tree, path) if known else b""
        return self._bytes[path]

    def load(self, path: str) -> SourceFile | None:
        """Return a parsed file with the ingredients of the files next to it."""
        if path not in self._files:
            self._files[path] = self._parse(path)
        return self._files[path]

    def imports(self, path: str) -> tuple[str, ...]:
        """Return the project files that a file imports, in the order it names them."""
        file = self.load(path)
        if file is None:
            return ()
        found: dict[str, None] = {}
        for name in _imported(file.syntax, path):
            target = self._resolve(name)
            if target is not None and target != path:
                found[target] = None
        return tuple(found)

    def _parse(self, path: str) -> SourceFile | None:
        entry = self._store.list(self._tree).get(path)
        if entry is None or entry.mode == "120000" or len(self.read(path)) > LARGEST:
            return None
        near = tuple(Syntax(self.read(other)) for other in self._near(path))
        return SourceFile(path, self.read(path), near)

    def _near(self, path: str) -> tuple[str, ...]:
        folder = PurePosixPath(path).parent
        near = [one for one in self.paths if PurePosixPath(one).parent == folder and self.is_source(one)]
        at = near.index(path) if path in near else 0
        by_distance = sorted((abs(rank - at), one) for rank, one in enumerate(near) if one != path)
        return tuple(one for _, one in by_distance[:_NEAR_FILES] if len(self.read(one)) <= LARGEST // 10)

    def _resolve(self, name: str) -> str | None:
        while name:
            if name in self.modules:
                return self.modules[name]
            name = name.rpartition(".")[0]
        return None


def _imported(syntax: Syntax, path: str) -> list[str]:
    """Return the dotted names that a file imports, relative ones made absolute."""
    folder = PurePosixPath(path).parent.parts
    names: list[str] = []
    for node in walk(syntax.root):
        if node.type == "import_statement":
            names += [_dotted(syntax.text(child)) for child in node.named_children]
        elif node.type == "import_from_statement":
            module = node.child_by_field_name("module_name")
            text = syntax.text(module) if module is not None else ""
            dots = len(text) - len(text.lstrip("."))
            prefix = [*folder[: len(folder) - dots + 1], text.lstrip(".")] if dots else [text]
            start = ".".join(part for part in prefix if part)
            members = [child for child in node.named_children if module is None or child.id != module.id]
            names += [f"{start}.{_dotted(syntax.text(child))}".strip(".") for child in members]
    return names


def _dotted(text: str) -> str:
    return text.split(" as ")[0].strip()
