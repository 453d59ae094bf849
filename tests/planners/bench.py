"""Small real repositories with failing tests, as problems for a planner, in a real sandbox."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.planners.planner import Problem
from agent.planners.search.candidate import Candidate
from agent.protocol.check import Check
from agent.protocol.edit import Splice
from agent.protocol.limits import TaskLimits
from agent.verify.classes import FAILING
from agent.verify.run_check import run_check
from agent.verify.workbench import Workbench
from sandboxes.environment import Environment
from sandboxes.sandbox import MIB, Backend, Limits
from tests.repo.project import Project
from tests.verify.lab import PYTEST

Files = Mapping[str, str | bytes]


@dataclass(slots=True)
class Bench:
    """Makes problems; every repository lies below `folder`."""

    folder: Path
    backend: Backend
    environment: Environment
    made: int = field(default=0)

    @contextmanager
    def problem(
        self,
        files: Files,
        *,
        check: Check = PYTEST,
        seconds: float = 60,
        test_seconds: float = 2,
        memory_mib: int = 1024,
    ) -> Iterator[Problem]:
        """Commit the files, run the check on them, and yield what fails as a problem."""
        self.made += 1
        project = Project(self.folder / f"repo{self.made}", self.folder / f"state{self.made}").init()
        for path, content in files.items():
            project.write(path, content)
        project.commit()
        store = project.store()
        tree = store.snapshot().tree
        limits = TaskLimits(seconds=seconds, test_seconds=test_seconds, memory_mib=memory_mib)
        spec = Limits(memory=memory_mib * MIB)
        bench = Workbench(store, self.backend, self.environment, spec, task_id="t1")
        with closing(bench):
            with closing(bench.open(tree)) as sandbox:
                run = run_check(
                    sandbox, check, python=bench.python, seconds=seconds, test_seconds=test_seconds
                )
            failing = tuple(test for test in run.tests if test.status in FAILING)
            deadline = time.monotonic() + seconds
            yield Problem(store, tree, check, run, failing, bench, limits, deadline)


def replaced(files: Files, path: str, old: str, new: str, ordinal: int = 0) -> Candidate:
    """Return the candidate that replaces the first `old` in a file."""
    content = files[path]
    data = content.encode() if isinstance(content, str) else content
    start = data.index(old.encode())
    splice = Splice(path=path, start=start, old=old.encode(), new=new.encode())
    return Candidate(ordinal, (splice,), "test", path, data[:start].count(b"\n") + 1, "", 1.0)
