"""Which files of a snapshot an import names."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

_SEPARATORS = re.compile(r"::|[/.\\]")
_INDEX = frozenset({"__init__", "index", "mod", "lib", "main"})
_BY_DIRECTORY = frozenset({"go"})
_PATHS = frozenset({"javascript", "typescript", "tsx", "c", "cpp", "ruby", "bash", "php", "css"})
"""Languages whose imports may be written as paths."""
_ROOTS = frozenset({"crate", "self", "super", ""})


class Modules:
    """Finds files by the names that imports call them."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self._paths)

    @cached_property
    def _packages(self) -> frozenset[str]:
        return frozenset(p.removesuffix("/__init__.py") for p in self._paths if p.endswith("/__init__.py"))

    @cached_property
    def _python(self) -> dict[str, str]:
        """Return paths by dotted name, the name counted from the outermost package around."""
        found: dict[str, str] = {}
        for path in self._paths:
            if path.endswith((".py", ".pyi")):
                found.setdefault(self.dotted(path), path)
        return found

    @cached_property
    def _by_stem(self) -> dict[str, list[tuple[str, str]]]:
        """Return (place without suffix, path) by the last part that an import would name."""
        found = defaultdict(list)
        for path in self._paths:
            place = posixpath.splitext(path)[0]
            above, _, stem = place.rpartition("/")
            if stem in _INDEX and above:
                found[above.rpartition("/")[2]].append((above, path))
            found[stem].append((place, path))
        return found

    @cached_property
    def _directories(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for path in self._paths:
            found[posixpath.dirname(path)].append(path)
        return found

    def beside(self, path: str) -> list[str]:
        """Return the files of a path's directory with the same suffix, itself included."""
        suffix = posixpath.splitext(path)[1]
        return [other for other in self._directories[posixpath.dirname(path)] if other.endswith(suffix)]

    def dotted(self, path: str) -> str:
        """Return the dotted name of a Python file."""
        parts = posixpath.splitext(path)[0].split("/")
        first = len(parts) - 1
        while first and "/".join(parts[:first]) in self._packages:
            first -= 1
        own = parts[first:]
        return ".".join(own[:-1] if own[-1] == "__init__" and len(own) > 1 else own)

    def python(self, path: str, module: str) -> str | None:
        """Return the file of a Python module as imported in `path`, None when it is from elsewhere."""
        name = module.lstrip(".")
        if level := len(module) - len(name):
            package = self.dotted(path).split(".")
            package = package if path.endswith("/__init__.py") else package[:-1]
            if level - 1 > len(package):
                return None
            name = ".".join([*package[: len(package) - level + 1], *([name] if name else [])])
        return self._python.get(name)

    def files(self, path: str, language: str, module: str) -> list[str]:
        """Return the files that an import of a language other than Python may mean, the likeliest first."""
        if language in _PATHS and (near := self._near(path, module)):
            return [near]
        if language in ("javascript", "typescript", "tsx") and not module.startswith((".", "@/", "~/", "/")):
            return []
        parts = [part for part in _SEPARATORS.split(_without_suffix(module)) if part not in _ROOTS]
        if not parts:
            return []
        if language in _BY_DIRECTORY:
            return self._in_directory("/".join(parts))
        found = self._ending_with(path, parts)
        # A namespace of PHP may be mapped to any folder; the file still has the name of the class.
        return found or (self._ending_with(path, parts[-1:]) if language == "php" else [])

    def _near(self, path: str, module: str) -> str | None:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), module.lstrip("/")))
        if place in self._known:
            return place
        stem = place.rpartition("/")[2]
        stems = {stem, posixpath.splitext(stem)[0]}
        for name in stems:
            for other, found in self._by_stem.get(name, ()):
                if other in (place, posixpath.splitext(place)[0]) and found != path:
                    return found
        return None

    def _in_directory(self, place: str) -> list[str]:
        # The module's own name comes before the directory, and go.mod alone knows how long it is.
        found: list[str] = []
        parts = place.split("/")
        for first in range(len(parts)):
            if found := self._directories.get("/".join(parts[first:]), []):
                break
        return [path for path in found if path.endswith(".go")]

    def _ending_with(self, path: str, parts: Sequence[str]) -> list[str]:
        # The last parts may name something in the file rather than the file.
        for last in range(len(parts), 0, -1):
            tail = "/".join(parts[:last])
            places = self._by_stem.get(parts[last - 1], ())
            found = [p for place, p in places if p != path and f"/{place}".endswith(f"/{tail}")]
            if found:
                suffix = posixpath.splitext(path)[1]
                return sorted(found, key=lambda p: (not p.endswith(suffix), -_shared(p, path), p))[:8]
        return []


def _without_suffix(module: str) -> str:
    stem, suffix = posixpath.splitext(module)
    return (
        stem
        if "/" in module or suffix in (".h", ".hpp", ".hh", ".php", ".rb", ".sh", ".js", ".ts")
        else module
    )


def _shared(one: str, other: str) -> int:
    return len(posixpath.commonprefix([one, other]))
