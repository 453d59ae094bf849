"""`ratchet verify` on real bug-fix commits, against pytest run directly on the same composed trees.

Run as `python -m tests.benchmarks.verify CLONES_DIR`: a folder of git clones, which are only read.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent.config import state_dir
from agent.protocol.verdict import Verdict
from agent.verify.classes import FAILING, GOOD
from agent.verify.discover import discover_checks
from agent.verify.measure import measure
from sandboxes.choose import choose
from tests.benchmarks.mining import FixCommit, Laboratory, laboratory, mined

Statuses = dict[str, str]
REPEATS = 2
"""Direct runs of each tree by itself, and as many with the other tree's beside it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One commit: what pytest says directly, what the verdict says.

    `unstable` are tests that pass in some direct run of the candidate, but answer differently in
    another of one and the same tree, they or their function for other parameters; they have no
    outcome to agree on and are in neither set.
    """

    name: str
    fail_to_pass: set[str]
    pass_to_pass: set[str]
    verdict: Verdict
    claimed_fixed: set[str]
    seconds: float
    unstable: set[str]

    @property
    def same_fixed(self) -> bool:
        """True when FAIL_TO_PASS is the same set."""
        return self.claimed_fixed == self.fail_to_pass

    @property
    def same_passed(self) -> bool:
        """True when PASS_TO_PASS is the same set: as many, and none of them classed otherwise.

        A verdict counts the tests that pass before and after, and names all others that ran.
        """
        counted = len(self.pass_to_pass) + len(self.unstable - self.named)
        return self.verdict.passed == counted and not self.named & self.pass_to_pass

    @property
    def named(self) -> set[str]:
        """Return the tests of which the verdict says something else than that they pass as before."""
        verdict = self.verdict
        return {
            *verdict.fixed,
            *verdict.broken,
            *verdict.still_failing,
            *verdict.flaky,
            *verdict.new,
            *verdict.vanished,
            *verdict.skipped_now,
            *verdict.not_run,
        }


def measured(commit: FixCommit, lab: Laboratory, seconds: float) -> Row:
    """Measure a commit both ways."""
    began = time.monotonic()
    checks = discover_checks(lab.store, lab.trees.candidate, {})
    verdict = measure(lab.workbench, lab.trees, checks, deadline=began + seconds)
    took = time.monotonic() - began
    before, after, unstable = _directly(lab)
    failed = {name for name in after if _failed_before(before, name)}
    fixed = set(verdict.fixed) | {name for name in verdict.new if name in failed}
    good = {name for name, status in after.items() if status in GOOD}
    return Row(
        name=f"{commit.project} {commit.sha[:10]}",
        fail_to_pass=(failed & good) - unstable,
        pass_to_pass={name for name in good if before.get(name) in GOOD} - unstable,
        verdict=verdict,
        claimed_fixed=fixed - unstable,
        seconds=took,
        unstable=unstable,
    )


def _directly(lab: Laboratory) -> tuple[Statuses, Statuses, set[str]]:
    """Return the statuses on red and on the candidate, and the unstable tests."""
    sides = lab.trees.red, lab.trees.candidate
    runs = [[lab.directly(tree) for tree in sides] for _ in range(REPEATS)]
    with ThreadPoolExecutor(len(sides)) as beside:
        runs += [list(beside.map(lab.directly, sides)) for _ in range(REPEATS)]
    reds, candidates = zip(*runs, strict=True)
    wavering = {
        _function(name)
        for side in (reds, candidates)
        for name in set().union(*side)
        if len({run.get(name) for run in side}) > 1
    }
    passing = {name for run in candidates for name, status in run.items() if status in GOOD}
    return reds[0], candidates[0], {name for name in passing if _function(name) in wavering}


def _function(name: str) -> str:
    return name.partition("[")[0]


def _failed_before(before: Statuses, name: str) -> bool:
    """True for a failing test, and for one whose file could not be collected."""
    return before.get(name) in FAILING or before.get(name.partition("::")[0]) in FAILING


HEADER = (
    f"{'commit':<22}{'F2P direct':>11}{'verdict':>9}{'same':>6}"
    f"{'P2P direct':>12}{'verdict':>9}{'same':>6}{'left out':>10}{'s':>8}"
)


def print_row(row: Row) -> None:
    """Print a line of the table, and what differs below it."""
    marks = {True: "yes", False: "NO"}
    print(
        f"{row.name:<22}{len(row.fail_to_pass):>11}{len(row.claimed_fixed):>9}{marks[row.same_fixed]:>6}"
        f"{len(row.pass_to_pass):>12}{row.verdict.passed:>9}{marks[row.same_passed]:>6}"
        f"{len(row.unstable):>10}{row.seconds:>8.1f}",
        flush=True,
    )
    if row.unstable:
        functions = sorted({_function(name) for name in row.unstable})
        print(f"    left out, unstable in direct runs: {', '.join(functions)}")
    for name in sorted((row.fail_to_pass ^ row.claimed_fixed) | (row.pass_to_pass & row.named))[:5]:
        print(f"    differs: {name}")
    for word in ("broken", "still_failing", "flaky", "vanished", "not_run"):
        if getattr(row.verdict, word):
            print(f"    {word}: {', '.join(getattr(row.verdict, word)[:5])}")
    for note in row.verdict.notes:
        print(f"    note: {note}")


def main() -> None:
    """Mine, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600)
    chosen = parser.parse_args()
    backend, _ = choose("auto", state_dir())
    print(f"sandbox: {backend.kind}\n{HEADER}")
    rows = []
    for commit in mined(chosen.clones, chosen.count, seed=chosen.seed):
        lab = laboratory(commit, backend)
        with closing(lab.workbench):
            rows.append(measured(commit, lab, chosen.seconds))
        print_row(rows[-1])
    agreeing = sum(row.same_fixed and row.same_passed for row in rows)
    projects = len({row.name.split()[0] for row in rows})
    print(
        f"{agreeing} of {len(rows)} commits of {projects} projects agree in both sets "
        "(goal: all of >= 10 commits of >= 3 projects)"
    )


if __name__ == "__main__":
    main()
