"""What the queries find in real packages: `python -m tests.benchmarks.index_truth CLONES`."""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.index.extract import Extract, extract
from agent.index.pack import pack_facts, unpack_facts
from tests.benchmarks.repositories import git

LABELS = Path(__file__).parent.parent / "data" / "truth"
KINDS = {"d": "definitions", "c": "calls", "i": "imports"}
Fact = tuple[str, int, str]
"""Kind, line, name."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The labels of one file, and the lines that they are for."""

    language: str
    repository: str
    commit: str
    path: str
    lines: frozenset[int]
    facts: "Counter[Fact]"


def read_truth(file: Path) -> Truth:
    """Read a file of labels."""
    head, spans, *labels = file.read_text(encoding="utf-8").splitlines()
    repository, commit, path = head.split(" ")
    pairs = [span.split("-") for span in spans.split(" ")]
    lines = frozenset(line for first, last in pairs for line in range(int(first), int(last) + 1))
    facts: Counter[Fact] = Counter()
    for label in labels:
        line, kind, *names = label.split(" ")
        facts.update((kind, int(line), name) for name in names)
    return Truth(file.stem, repository, commit, path, lines, facts)


def clone_of(clones: Path, repository: str) -> Path:
    """Return where a repository lies below a folder of clones or mirrors."""
    owner, name = repository.split("/")
    places = (clones / name, clones / f"{owner}+{name}" / "repo", clones / owner / name)
    return next(place for place in places if place.exists())


def found_in(truth: Truth, clones: Path) -> "Counter[Fact]":
    """Return what the index finds in the labelled lines."""
    clone = clone_of(clones, truth.repository)
    source = git(clone, "show", f"{truth.commit}:{truth.path}").encode()
    facts = extract(truth.language, source)
    return Counter(fact for fact in _facts(facts, source) if fact[1] in truth.lines)


def _facts(facts: Extract, source: bytes) -> Iterator[Fact]:
    columns = unpack_facts(pack_facts(facts))
    for row in columns.definitions:
        yield "d", columns.line(row[8]), row[0]
    for _, name, ends in columns.calls:
        for end in ends:
            yield "c", columns.line(end - 1), name
    for module, name, _, line in columns.imports:
        yield "i", line, f"{module}:{name}" if name else module


def compare(truth: Truth, found: "Counter[Fact]") -> dict[str, tuple[int, int, int]]:
    """Return how many were found and right, found, and labelled, by kind."""
    figures = {}
    for kind in KINDS:
        labelled = Counter({fact: n for fact, n in truth.facts.items() if fact[0] == kind})
        seen = Counter({fact: n for fact, n in found.items() if fact[0] == kind})
        figures[kind] = ((labelled & seen).total(), seen.total(), labelled.total())
    return figures


def main() -> None:
    """Print precision and recall for each language, and every disagreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", type=Path)
    clones = parser.parse_args().clones
    print(f"{'language':<12}{'labels':>7}" + "".join(f"{f'{kind} P / R':>24}" for kind in KINDS.values()))
    disagreements = []
    for file in sorted(LABELS.glob("*.labels")):
        truth = read_truth(file)
        found = found_in(truth, clones)
        shown = "".join(f"{_shares(*figures):>24}" for figures in compare(truth, found).values())
        print(f"{truth.language:<12}{truth.facts.total():>7}{shown}")
        disagreements += [f"{truth.language}: missed {_named(fact)}" for fact in sorted(truth.facts - found)]
        disagreements += [
            f"{truth.language}: too much {_named(fact)}" for fact in sorted(found - truth.facts)
        ]
    print("\n".join(disagreements))


def _shares(right: int, seen: int, labelled: int) -> str:
    if not labelled and not seen:
        return "-"
    return f"{right / max(1, seen):.2f} / {right / max(1, labelled):.2f}"


def _named(fact: Fact) -> str:
    return re.sub(r"s$", "", KINDS[fact[0]]) + f" {fact[2]} in line {fact[1]}"


if __name__ == "__main__":
    main()
