"""`ratchet verify` on real bug-fix commits, against pytest run directly on the same composed trees.

Run as `python -m tests.benchmarks.verify CLONES_DIR`: a folder of git clones, which are only read.
"""

import argparse
import time
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
REPEATS = 3
"""Direct runs of each tree."""


@dataclass(frozen=True, slots=True)
class Row:
    """One commit: what pytest says directly, what the verdict says.

    `unstable` tests answer differently in direct runs of one and the same tree, as do others of
    their function for other parameters; they have no outcome to agree on and are in neither set.
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
        """True when PASS_TO_PASS is the same set: as many, and none of them classed otherwise."""
        verdict = self.verdict
        otherwise = {
            *verdict.fixed,
            *verdict.broken,
            *verdict.still_failing,
            *verdict.flaky,
            *verdict.vanished,
            *verdict.skipped_now,
            *verdict.not_run,
        }
        unsure = verdict.passed - len(self.pass_to_pass)
        return 0 <= unsure <= len(self.unstable) and not otherwise & self.pass_to_pass


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
    """Return the statuses on red and on the candidate, and the tests that answer now so, now otherwise."""
    reds = [lab.directly(lab.trees.red) for _ in range(REPEATS)]
    candidates = [lab.directly(lab.trees.candidate) for _ in range(REPEATS)]
    names = set().union(*reds, *candidates)
    unstable = {
        _function(name)
        for name in names
        if any(len({run.get(name) for run in runs}) > 1 for runs in (reds, candidates))
    }
    return reds[0], candidates[0], {name for name in names if _function(name) in unstable}


def _function(name: str) -> str:
    return name.partition("[")[0]


def _failed_before(before: Statuses, name: str) -> bool:
    """True for a failing test, and for one whose file could not be collected."""
    return before.get(name) in FAILING or before.get(name.partition("::")[0]) in FAILING


HEADER = (
    f"{'commit':<22}{'F2P direct':>11}{'verdict':>9}{'same':>6}"
    f"{'P2P direct':>12}{'verdict':>9}{'same':>6}{'s':>8}"
)


def print_row(row: Row) -> None:
    """Print a line of the table, and what differs below it."""
    marks = {True: "yes", False: "NO"}
    print(
        f"{row.name:<22}{len(row.fail_to_pass):>11}{len(row.claimed_fixed):>9}{marks[row.same_fixed]:>6}"
        f"{len(row.pass_to_pass):>12}{row.verdict.passed:>9}{marks[row.same_passed]:>6}{row.seconds:>8.1f}",
        flush=True,
    )
    if row.unstable:
        print(f"    left out, unstable in direct runs: {', '.join(sorted(row.unstable)[:5])}")
    for name in sorted(row.fail_to_pass ^ row.claimed_fixed)[:5]:
        print(f"    differs: {name}")
    for word in ("broken", "flaky", "vanished", "not_run"):
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
