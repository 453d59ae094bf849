"""The paths of a snapshot as search looks them up: numbers, words, tails and how likely each is meant."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from agent.index.view import IndexedFile, View
from agent.index.words import terms

_TEST, _PROSE, _ASIDE = 0.4, 0.3, 0.5
_FOLDERS_ASIDE = frozenset(
    (
        "benchmark",
        "benchmarks",
        "demo",
        "demos",
        "doc",
        "docs",
        "example",
        "examples",
        "tutorial",
        "tutorials",
    )
)
"""Folders of code that shows the other code; what an issue quotes often looks like it."""
_TEXTS = frozenset({"", "markdown", "html", "css", "json", "yaml", "toml"})
_MOST_ALIKE = 3
_NO_NAMES = frozenset({"__init__", "setup", "conftest", "index", "main", "mod"})
"""Names that say nothing about what is in a file."""


class Catalogue:
    """Everything about the paths of one view that no query changes; files go by their number in `paths`."""

    def __init__(self, view: View) -> None:
        files = view.files()
        self.paths: Sequence[str] = view.paths
        self.numbers = {path: number for number, path in enumerate(self.paths)}
        self.files: list[IndexedFile] = [files[path] for path in self.paths]
        self.words = [frozenset(terms(str(PurePosixPath(path).with_suffix("")))) for path in self.paths]
        self.likely = [_likely(file) for file in self.files]
        known = [file.length for file in self.files if not file.skipped and file.length]
        self.count = max(1, len(known))
        self.mean_length = sum(known) / self.count or 1.0
        self.by_word = self._by_word()
        self.by_stem = self._by_stem()
        """Files of code, tests left out, by their bare name in lower case."""
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_module: dict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(self.paths):
            self._by_name[path.rpartition("/")[2]].append(number)
            for tail in _module_tails(path):
                self._by_module[tail].append(number)

    def like(self, path: str) -> tuple[int, ...]:
        """Return the files that a path of somebody else's machine can mean: those sharing its longest tail.

        Nothing when only the name is shared although the path has folders and the name is not unique.
        """
        wanted = [part for part in path.split("/") if part not in ("", ".", "..", "...")]
        if not wanted:
            return ()
        shared = {number: self._shared(number, wanted) for number in self._by_name.get(wanted[-1], ())}
        longest = max(shared.values(), default=0)
        best = tuple(number for number, length in shared.items() if length == longest)
        sure = longest > 1 or len(wanted) == 1 or len(best) == 1
        return best if sure and len(best) <= _MOST_ALIKE else ()

    def module(self, dotted: str) -> tuple[int, ...]:
        """Return the files that a dotted module name can mean, also by its end; none when many."""
        found = self._by_module.get(dotted, ())
        return tuple(found) if len(found) < _MOST_ALIKE else ()

    def is_test(self, number: int) -> bool:
        """Return whether a file is one of tests."""
        return self.files[number].is_test

    def _by_stem(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(self.paths):
            stem = PurePosixPath(path).stem.lower()
            if self.likely[number] == 1.0 and not self.files[number].skipped and stem not in _NO_NAMES:
                found[stem].append(number)
        return found

    def _by_word(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self.words):
            for word in words:
                found[word].append(number)
        return found

    def _shared(self, number: int, wanted: Sequence[str]) -> int:
        own = self.paths[number].split("/")
        length = 0
        while length < min(len(own), len(wanted)) and own[-1 - length] == wanted[-1 - length]:
            length += 1
        return length


def _likely(file: IndexedFile) -> float:
    """Return how likely a file is the place that a question is about, by its kind alone."""
    if file.is_test:
        return _TEST
    if file.language in _TEXTS:
        return _PROSE
    return 1.0 if _FOLDERS_ASIDE.isdisjoint(file.path.split("/")[:-1]) else _ASIDE


def _module_tails(path: str) -> Iterable[str]:
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[-1] in ("__init__", "index", "mod"):
        parts.pop()
    return [".".join(parts[start:]) for start in range(len(parts))]
