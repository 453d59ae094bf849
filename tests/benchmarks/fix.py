"""`ratchet fix` on bugs nobody here wrote: `python -m tests.benchmarks.fix --quixbugs DIR --clones DIR`."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config import state_dir
from tests.benchmarks import quixbugs

QUIXBUGS_GOAL = 20
QUIXBUGS_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One bug: what came out of it."""

    name: str
    outcome: str
    plausible: bool
    identical: bool
    alike: bool | None
    seconds: float
    candidates: int
    per_second: float

    @property
    def correct(self) -> bool:
        """The same syntax tree as the reference, or no generated input tells them apart."""
        return self.identical or bool(self.alike)


def run_fix(repository: Path, seconds: float, tests: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run the real command and return its report."""
    named = [part for test in tests for part in ("--test", test)]
    command = [sys.executable, "-m", "agent", "fix", "--json", "-C", str(repository)]
    environ = {**os.environ, "RATCHET_FOREGROUND": "1"}
    done = subprocess.run(
        [*command, "--timeout", str(seconds), *named], capture_output=True, text=True, env=environ
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"outcome": "error", "reason": done.stderr[-500:]}
    return report


def row(name: str, report: dict[str, Any], judge: Callable[[str], tuple[bool, bool | None]]) -> Row:
    """Return the row of a finished run; `judge` looks at the delivered branch."""
    plausible = report.get("branch") is not None
    identical, alike = judge(report["branch"]) if plausible else (False, None)
    return Row(
        name=name,
        outcome=report["outcome"],
        plausible=plausible,
        identical=identical,
        alike=alike,
        seconds=report.get("seconds", 0.0),
        candidates=report.get("candidates", 0),
        per_second=report.get("candidates_per_second", 0.0),
    )


def quixbugs_rows(suite: Path, work: Path, only: tuple[str, ...]) -> list[Row]:
    """Run every program of the suite and print its row as it comes."""
    rows = []
    for program in quixbugs.programs(suite):
        if only and program.name not in only:
            continue
        repository = quixbugs.make_repository(program, work / program.name)

        def judge(branch: str, program=program, repository=repository):  # type: ignore[no-untyped-def]
            source = quixbugs.fixed_source(repository, branch, program)
            same = quixbugs.identical(source, program.reference)
            return same, True if same else quixbugs.behaves_alike(program, source, state_dir())

        rows.append(row(program.name, run_fix(repository, QUIXBUGS_SECONDS), judge))
        print_row(rows[-1])
    return rows


def mined_rows(clones: Path, work: Path, count: int, seconds: float, seed: int) -> list[Row]:
    """Run mined real bug-fix commits (parent plus the fix's test) and print each row as it comes."""
    from tests.benchmarks.mining import FixCommit, lay_out, mined

    rows = []
    for number, commit in enumerate(mined(clones, count, seed=seed)):
        bug = lay_out(commit, work / f"mined-{number}")

        def judge(branch: str, commit: FixCommit = commit, bug=bug):  # type: ignore[no-untyped-def]
            return quixbugs.identical(bug.source(branch), commit.fixed_source()), None

        name = f"{commit.project} {commit.sha[:10]}"
        rows.append(row(name, run_fix(bug.path, seconds, bug.failing), judge))
        print_row(rows[-1])
    return rows


HEADER = (
    f"{'bug':<34}{'outcome':<27}{'plausible':>10}{'identical':>10}{'alike':>7}{'s':>8}{'cand.':>8}{'c/s':>7}"
)


def print_row(one: Row) -> None:
    """Print a line of the table."""
    marks = {True: "yes", False: "no", None: "-"}
    print(
        f"{one.name:<34}{one.outcome:<27}{marks[one.plausible]:>10}{marks[one.identical]:>10}"
        f"{marks[one.alike]:>7}{one.seconds:>8.1f}{one.candidates:>8}{one.per_second:>7.0f}",
        flush=True,
    )


def print_totals(title: str, rows: list[Row], goal: str) -> None:
    """Print the counts of a table."""
    seconds = sorted(one.seconds for one in rows) or [0.0]
    print(
        f"{title}: {len(rows)} bugs, {sum(one.plausible for one in rows)} plausible, "
        f"{sum(one.correct for one in rows)} correct "
        f"({sum(one.identical for one in rows)} identical to the reference); "
        f"median {seconds[len(seconds) // 2]:.1f} s; {goal}\n"
    )


def main() -> None:
    """Run what was asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quixbugs", type=Path, help="a checkout of QuixBugs")
    parser.add_argument("--clones", type=Path, help="a folder of clones to mine bug-fix commits from")
    parser.add_argument("--count", type=int, default=12, help="mined commits")
    parser.add_argument("--seconds", type=float, default=120, help="time limit of a mined bug")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="a QuixBugs program")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        print(HEADER)
        if chosen.quixbugs:
            rows = quixbugs_rows(chosen.quixbugs, work, tuple(chosen.only))
            print_totals("QuixBugs", rows, f"goal: at least {QUIXBUGS_GOAL} of 40 correct in 60 s each")
        if chosen.clones:
            rows = mined_rows(chosen.clones, work, chosen.count, chosen.seconds, chosen.seed)
            print_totals("mined commits", rows, "goal: printed, whatever the counts are")


if __name__ == "__main__":
    main()
