"""Finds real bug-fix commits in clones: one source file and one test file changed, few lines of code."""

import random
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent.config import state_dir
from agent.protocol.errors import RatchetError
from agent.repo.store import Store
from agent.verify.classes import FAILING, GOOD
from agent.verify.environment import discover_environment
from agent.verify.failures import sandbox_errors_mapped
from agent.verify.path_class import PathClass, path_class
from agent.verify.trees import Trees, compose
from agent.verify.workbench import Workbench
from sandboxes.choose import choose
from sandboxes.environment import Environment
from sandboxes.environments import Environments
from sandboxes.sandbox import Backend, Command, Limits
from tests.benchmarks.repositories import git
from tests.verify.lab import read_verbose

MAX_LINES = 10
"""Added plus removed lines of the source file."""
MAX_TEST_LINES = 150
VALIDATION_SECONDS = 90.0
HISTORY = 1500
_PROSE = re.compile(r"\.(rst|md|txt)$|^(docs|changelog\.d|news)/")
_TEST_FILE = re.compile(r"(^|/)(tests?_[^/]*|[^/]*_test)\.py$")
_DIRECT = ("-v", "-p", "no:cacheprovider", "--color=no", "--continue-on-collection-errors")


@dataclass(frozen=True, slots=True)
class FixCommit:
    """A commit that fixes something: `failing` are tests that its parent's source fails."""

    clone: Path
    sha: str
    parent: str
    source: str
    tests: str
    failing: tuple[str, ...] = ()

    @property
    def project(self) -> str:
        """Return the clone's name."""
        return self.clone.name

    def fixed_source(self) -> str:
        """Return the source file as the commit has it."""
        return git(self.clone, "show", f"{self.sha}:{self.source}")


@dataclass(frozen=True, slots=True)
class Bug:
    """A repository at the parent of a fix with the fix's test in it."""

    path: Path
    commit: FixCommit

    @property
    def failing(self) -> tuple[str, ...]:
        """Return the tests that the fix makes pass."""
        return self.commit.failing

    def source(self, branch: str) -> str:
        """Return the source file as a branch has it."""
        return git(self.path, "show", f"{branch}:{self.commit.source}")


def lay_out(commit: FixCommit, target: Path) -> Bug:
    """Make a repository for a fix: its parent, tags included, plus its test file."""
    git(commit.clone, "clone", "-q", "--no-checkout", str(commit.clone), str(target))
    git(target, "checkout", "-q", "-B", "main", commit.parent)
    (target / commit.tests).write_text(git(commit.clone, "show", f"{commit.sha}:{commit.tests}"))
    git(target, "add", "-A")
    git(target, "commit", "-q", "-m", "Add a failing test")
    return Bug(target, commit)


def candidates(clone: Path, seed: int = 1) -> list[FixCommit]:
    """Return commits of the right shape in the recent history, in a shuffled order."""
    log = git(clone, "log", "--no-merges", f"-{HISTORY}", "--numstat", "--format=%x00%H %P")
    found = [commit for entry in log.split("\0")[1:] if (commit := _shape(clone, entry))]
    # What was moved since belongs to a time whose tools are gone.
    today = set(git(clone, "ls-files").splitlines())
    found = [commit for commit in found if {commit.source, commit.tests} <= today]
    random.Random(seed).shuffle(found)
    return found


def _shape(clone: Path, entry: str) -> FixCommit | None:
    head, *rest = entry.splitlines()
    sha, _, parent = head.partition(" ")
    changes = [line.split("\t") for line in rest if line.count("\t") == 2]
    code = [(path, added, removed) for added, removed, path in changes if not _PROSE.search(path)]
    if (
        len(code) != 2
        or " " in parent
        or not parent
        or any("=>" in path or "-" in (a, r) for path, a, r in code)
    ):
        return None
    lines = {path: int(added) + int(removed) for path, added, removed in code}
    sources = [p for p in lines if p.endswith(".py") and path_class(p) is PathClass.SOURCE]
    tests = [p for p in lines if _TEST_FILE.search(p)]
    if len(sources) != 1 or len(tests) != 1 or not 0 < lines[sources[0]] <= MAX_LINES:
        return None
    if lines[tests[0]] > MAX_TEST_LINES:
        return None
    return FixCommit(clone, sha, parent, sources[0], tests[0])


def mined(clones: Path, count: int, *, seed: int = 1) -> Iterator[FixCommit]:
    """Yield validated fixes, the projects of a folder in turn: a test fails before and passes after."""
    waiting = [
        iter(candidates(clone, seed)) for clone in sorted(clones.iterdir()) if (clone / ".git").exists()
    ]
    backend, _ = choose("auto", state_dir())
    given = 0
    while waiting and given < count:
        for project in list(waiting):
            commit = next((valid for one in project if (valid := _validated(one, backend))), None)
            if commit is None:
                waiting.remove(project)
            elif given < count:
                given += 1
                yield commit


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A fix with its composed trees and the environment of its tree."""

    store: Store
    trees: Trees
    workbench: Workbench

    def directly(self, tree: str, *select: str, seconds: float = 600) -> dict[str, str]:
        """Run pytest itself on a tree, nothing of ours in it; returns test id -> status."""
        command = Command(
            argv=(self.workbench.python, "-m", "pytest", *_DIRECT, *select),
            env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "COLUMNS": "400"},
            seconds=seconds,
            keep_output=32 << 20,
        )
        with closing(self.workbench.open(tree)) as sandbox:
            text = sandbox.run(command).stdout.text
        return {name: status.value for name, status in read_verbose(text).items()}


def laboratory(commit: FixCommit, backend: Backend) -> Laboratory:
    """Build what a fix needs to run; raises RatchetError when it cannot be built."""
    store = Store.open(commit.clone, state_dir())
    base, head = (store.tree_of(store.resolve(revision)) for revision in (commit.parent, commit.sha))
    environment = _environment(store, head, commit.sha, backend)
    return Laboratory(
        store, compose(store, base, head), Workbench(store, backend, environment, Limits(), task_id="mining")
    )


def _environment(store: Store, tree: str, commit: str, backend: Backend) -> Environment:
    wanted = discover_environment(store, tree, commit, {})
    with sandbox_errors_mapped():
        return Environments(state_dir(), backend).build(wanted, store.archive(tree))


def _validated(commit: FixCommit, backend: Backend) -> FixCommit | None:
    began = time.monotonic()
    try:
        lab = laboratory(commit, backend)
    except RatchetError as error:
        print(f"# {commit.project} {commit.sha[:10]}: {error.message}", flush=True)
        return None
    with closing(lab.workbench):
        before = lab.directly(lab.trees.red, commit.tests, seconds=VALIDATION_SECONDS)
        after = lab.directly(lab.trees.candidate, commit.tests, seconds=VALIDATION_SECONDS)
    failing = tuple(name for name, status in before.items() if status in FAILING and after.get(name) in GOOD)
    if not failing:
        print(
            f"# {commit.project} {commit.sha[:10]}: shows nothing ({time.monotonic() - began:.0f} s)",
            flush=True,
        )
        return None
    return FixCommit(commit.clone, commit.sha, commit.parent, commit.source, commit.tests, failing)
