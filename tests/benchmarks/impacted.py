"""The tests chosen near a real fix, by index and by imports: whether those that change outcome are there.

Run as `python -m tests.benchmarks.impacted CLONES_DIR`: a folder of git clones, which are only read.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent.config import state_dir
from agent.repo.store import Store
from agent.verify.impacted import impacted_tests
from agent.verify.import_reach import holds_tests, reached_by_imports
from sandboxes.choose import choose
from tests.benchmarks.mining import FixCommit, Laboratory, laboratory, mined

Chooser = Callable[[Store, str, tuple[str, ...]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """What one way of choosing gives: the files, the place of the last one needed, and the time it took."""

    files: tuple[str, ...]
    wanted: frozenset[str]
    seconds: float

    @property
    def complete(self) -> bool:
        """Say whether every file with a changed outcome was chosen."""
        return self.wanted <= set(self.files)

    @property
    def rank(self) -> int | None:
        """Return the place of the last file needed, from 1."""
        return max(self.files.index(path) + 1 for path in self.wanted) if self.complete else None


def choice(choose_tests: Chooser, commit: FixCommit, lab: Laboratory) -> Choice:
    """Choose for the source file of a fix alone: its changed test would name itself."""
    began = time.monotonic()
    files = choose_tests(lab.store, lab.trees.candidate, (commit.source,))
    wanted = frozenset(name.partition("::")[0] for name in commit.failing)
    return Choice(files, wanted, time.monotonic() - began)


def print_row(commit: FixCommit, lab: Laboratory) -> tuple[Choice, Choice]:
    """Print what both ways choose for a fix."""
    cold = choice(impacted_tests, commit, lab)
    index, imports = choice(impacted_tests, commit, lab), choice(reached_by_imports, commit, lab)
    listed = lab.store.list(lab.trees.candidate)
    every = sum(path.endswith(".py") and holds_tests(path) for path in listed)
    cells = "".join(
        f"{len(one.files):>8}{one.rank or 'MISSED':>8}{one.seconds * 1000:>8.0f}" for one in (index, imports)
    )
    name = f"{commit.project} {commit.sha[:10]}"
    print(f"{name:<24}{every:>7}{cells}{cold.seconds * 1000:>10.0f}", flush=True)
    return index, imports


def main() -> None:
    """Mine, choose and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    backend, _ = choose("auto", state_dir())
    title = "".join(f"{name:>8}{'rank':>8}{'ms':>8}" for name in ("index", "imports"))
    print(f"{'commit':<24}{'files':>7}{title}{'first ms':>10}")
    rows = []
    for commit in mined(chosen.clones, chosen.count, seed=chosen.seed):
        lab = laboratory(commit, backend)
        with closing(lab.workbench):
            rows.append(print_row(commit, lab))
    found = [sum(row[place].complete for row in rows) for place in (0, 1)]
    print(
        f"of {len(rows)} fixes, every file whose tests change outcome is chosen by index: {found[0]}, "
        f"by imports: {found[1]} (goal: all)"
    )


if __name__ == "__main__":
    main()
