"""A change of a small repository, measured for real."""

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from agent.protocol.check import Check, Run
from agent.protocol.verdict import Scope, Verdict
from agent.verify.measure import measure
from agent.verify.trees import Trees, compose
from agent.verify.workbench import Workbench
from sandboxes.sandbox import Limits
from tests.repo.project import Project
from tests.verify.lab import PYTEST, Lab

Change = Mapping[str, str | None]


class Changed:
    """A repository with a base and a candidate; None removes a file."""

    def __init__(self, folder: Path, lab: Lab, base: Change, change: Change) -> None:
        self.lab = lab
        project = Project(folder / "repo", folder / "state").init()
        first = _commit(project, base)
        second = _commit(project, change)
        self.store = project.store()
        self.trees: Trees = compose(
            self.store,
            self.store.tree_of(self.store.resolve(first)),
            self.store.tree_of(self.store.resolve(second)),
        )

    def measure(
        self,
        *checks: Check,
        target: tuple[str, ...] = (),
        scope: Scope = Scope.FULL,
        baseline: tuple[Run, ...] = (),
        seconds: float = 120,
        test_seconds: float = 10,
    ) -> Verdict:
        """Measure the change."""
        with closing(self.workbench()) as workbench:
            return measure(
                workbench,
                self.trees,
                checks or (PYTEST,),
                scope=scope,
                baseline=baseline,
                target=target,
                test_seconds=test_seconds,
                deadline=time.monotonic() + seconds,
            )

    def workbench(self) -> Workbench:
        """Open a workbench on the repository."""
        return Workbench(self.store, self.lab.backend, self.lab.environment, Limits(), task_id="t1")


def _commit(project: Project, files: Change) -> str:
    for path, content in files.items():
        if content is None:
            (project.root / path).unlink()
        else:
            project.write(path, content)
    return project.commit()
