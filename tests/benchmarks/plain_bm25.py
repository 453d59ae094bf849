"""The peer that costs nothing: BM25 over identifiers, of files and of functions, without any idea of code."""

import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from agent.index.snapshot import SnapshotView
from tests.benchmarks.issues import is_source, outermost

T = TypeVar("T", bound=Hashable)
Split = Callable[[str], Sequence[str]]
_K1, _B = 1.2, 0.75
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def identifiers(text: str) -> list[str]:
    """Return the identifiers and numbers of a text in lower case."""
    return [word.lower() for word in _IDENTIFIER.findall(text)]


def split_identifiers(text: str) -> list[str]:
    """Return the identifiers, and of compound ones their parts, in lower case."""
    return [part for word in _IDENTIFIER.findall(text) for part in _parts(word)]


@lru_cache(1 << 18)
def _parts(word: str) -> tuple[str, ...]:
    parts = [part.lower() for part in _PART.findall(word)]
    return (word.lower(), *parts) if len(parts) > 1 else (word.lower(),)


class PlainBm25:
    """Ranks the source files and the functions of views; keeps the counts of each blob."""

    def __init__(self, split: Split) -> None:
        self._split = split
        self._files: dict[str, Counter[str]] = {}
        self._functions: dict[str, dict[str, Counter[str]]] = {}

    def files(self, view: SnapshotView, text: str) -> list[str]:
        """Return the source files, best first."""
        return _ranked(self._split(text), {path: self._files[blob] for path, blob in self._known(view)})

    def functions(self, view: SnapshotView, text: str) -> list[tuple[str, str]]:
        """Return the functions of the source files as (path, qualified name), best first."""
        documents = {
            (path, name): counts
            for path, blob in self._known(view)
            for name, counts in self._functions[blob].items()
        }
        return _ranked(self._split(text), documents)

    def _known(self, view: SnapshotView) -> list[tuple[str, str]]:
        found = [(path, file.blob) for path, file in view.files().items() if _counts(path, file.skipped)]
        missing = [path for path, blob in found if blob not in self._files]
        for path, content in view.read_many(missing).items():
            self._count(view, path, content.decode("utf-8", "replace"))
        return found

    def _count(self, view: SnapshotView, path: str, text: str) -> None:
        blob, lines = view.files()[path].blob, text.split("\n")
        self._files[blob] = Counter(self._split(text))
        self._functions[blob] = {
            one.qualname: Counter(self._split("\n".join(lines[one.start_line - 1 : one.end_line])))
            for one in outermost(view.definitions(path))
        }


def _counts(path: str, skipped: str) -> bool:
    return is_source(path) and not skipped


def _ranked(query: Iterable[str], documents: Mapping[T, Counter[str]]) -> list[T]:
    wanted = set(query)
    lengths = {name: counts.total() for name, counts in documents.items()}
    mean = sum(lengths.values()) / max(1, len(lengths)) or 1.0
    found = {name: wanted & counts.keys() for name, counts in documents.items()}
    common = Counter(term for terms in found.values() for term in terms)
    count = len(documents)
    rare = {term: math.log(1 + (count - n + 0.5) / (n + 0.5)) for term, n in common.items()}

    def score(name: T) -> float:
        norm, counts = _K1 * (1 - _B + _B * lengths[name] / mean), documents[name]
        return sum(rare[term] * counts[term] * (_K1 + 1) / (counts[term] + norm) for term in found[name])

    return sorted(documents, key=score, reverse=True)
