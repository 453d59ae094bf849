"""Real workflow files: how much of them can be done again here, and real test steps that are.

Run as `python -m tests.benchmarks.workflows CLONE...` for the plans alone. `--run WORKFLOW:JOB:STEP` (the
name of a job in a run, the place of a step in the file, from 0) runs that step of one clone. Clones are only
read, at HEAD.
"""

import argparse
import collections
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.config import state_dir
from agent.protocol.check import Check, CheckKind, TestStatus
from agent.repo.store import Store
from agent.verify.environment import discover_environment
from agent.verify.run_on import run_on
from agent.verify.workbench import Workbench
from agent.verify.workflows.job_names import Chosen, combinations
from agent.verify.workflows.known import RunFacts, scope_of
from agent.verify.workflows.located import locate
from agent.verify.workflows.plan import Plan, plan
from agent.verify.workflows.workflow import read_workflow
from sandboxes.choose import choose
from sandboxes.environments import Environments
from sandboxes.sandbox import Limits
from tests.benchmarks.repositories import git

FOLDER = ".github/workflows/"
KINDS = (
    ("only prepares", "prepares the environment, fetches or sends"),
    ("only fetches", "prepares the environment, fetches or sends"),
    ("ran on", "of another system"),
    ("not known here", "needs what is not known before it runs"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a clone, some of whose large files may be missing."""

    clone: Path

    @property
    def facts(self) -> RunFacts:
        """Return what is known of a run that nobody made."""
        return RunFacts(
            repository=f"there/{self.clone.name}", event="push", head="a" * 40, branch="main", id=1
        )

    def read(self, path: str) -> bytes | None:
        """Return a file, None when there is none of that name."""
        try:
            return git(self.clone, "show", f"HEAD:{path}").encode()
        except subprocess.CalledProcessError:
            return None

    def workflows(self) -> list[str]:
        """Return the paths of the workflow files."""
        listed = git(self.clone, "ls-tree", "-r", "--name-only", "HEAD", FOLDER).split()
        return [path for path in listed if path.endswith((".yml", ".yaml"))]


def plans(there: Head) -> Iterator[tuple[str, Plan, float]]:
    """Yield the plan for each `run:` step of the first combination of each job, and the seconds it took."""
    for path in there.workflows():
        began = time.perf_counter()
        workflow = read_workflow(there.read(path) or b"")
        spent, scope = time.perf_counter() - began, scope_of(there.facts)
        for job in workflow.jobs:
            chosen = Chosen(job, next(iter(combinations(job.matrix, scope)), {}))
            for number, step in enumerate(job.steps):
                if step.run:
                    began = time.perf_counter()
                    ran = [True] * number
                    made = plan(workflow, chosen, number, ran, there.facts, scope, there.read)
                    yield path, made, time.perf_counter() - began + spent
                    spent = 0.0


def kind(made: Plan) -> str:
    """Return what a plan comes to."""
    if not made.refused:
        return "can be run here"
    return next((told for words, told in KINDS if words in made.refused), "refused for something else")


def tell(clones: list[Path]) -> None:
    """Print what becomes of all steps of some clones."""
    total: collections.Counter[str] = collections.Counter()
    seconds, files = 0.0, 0
    for clone in clones:
        found = list(plans(Head(clone)))
        counts = collections.Counter(kind(made) for _, made, _ in found)
        print(f"{clone.name}: {sum(counts.values())} steps: {dict(counts)}")
        total += counts
        seconds += sum(took for _, _, took in found)
        files += len({path for path, _, _ in found})
    asked = sum(total.values()) - total[KINDS[0][1]] - total["of another system"]
    print(f"\n{files} files with {sum(total.values())} `run:` steps, {seconds:.1f} s: {dict(total)}")
    if asked:
        print(f"of the {asked} that do something on Linux {total['can be run here']} can be run here")


def run(clone: Path, where: str) -> None:
    """Run one step of a clone in a sandbox and print what it reports."""
    path, job, number = where.split(":")
    there = Head(clone)
    found = locate(FOLDER + path, job, there.facts, there.read)
    failing = int(number)
    made = plan(found.workflow, found.chosen, failing, [True] * failing, there.facts, found.scope, there.read)
    print(f"{clone.name} {where}: {made.step}: {made.refused or 'Python ' + (made.python or 'of the tree')}")
    for sentence in made.skipped:
        print(f"  - {sentence}")
    if made.refused:
        return
    backend, _ = choose("auto", state_dir())
    store = Store.open(clone, state_dir())
    commit = store.resolve("HEAD")
    tree = store.tree_of(commit)
    wanted = discover_environment(store, tree, commit, {}, asked=made.python)
    environment = Environments(state_dir(), backend).build(wanted, store.archive(tree))
    bench = Workbench(store, backend, environment, Limits(), task_id="workflows")
    check = Check(name="command", kind=CheckKind.OPAQUE, argv=("sh", "-c", made.command), declared=True)
    try:
        done = run_on(bench, tree, check, seconds=480, test_seconds=60)
    finally:
        bench.close()
    counts = collections.Counter(test.status for test in done.tests)
    told = ", ".join(f"{counts[one]} {one}" for one in TestStatus if counts[one])
    print(f"  exit status {done.exit_code}, {done.seconds:.0f} s, Python {wanted.python}: {told}")
    if done.exit_code:
        print("  " + "\n  ".join(done.output_tail.splitlines()[-12:]))


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="+", type=Path)
    parser.add_argument("--run", metavar="WORKFLOW:JOB:STEP")
    asked = parser.parse_args()
    if asked.run:
        run(asked.clones[0], asked.run)
    else:
        tell(asked.clones)


if __name__ == "__main__":
    main()
