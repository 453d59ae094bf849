"""What the steps of one task share: the repository, the sandbox and the environments, opened on first use."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from agent.config import (
    REPOSITORY_FILE,
    Config,
    RepositoryConfig,
    load_organization,
    load_user,
    merge,
    parse_repository,
    pinned,
    rules_for,
)
from agent.engine.story import Hold
from agent.models.budget import Budget, accounts_of
from agent.models.build import build
from agent.models.model import Model
from agent.planners.planner import Planner
from agent.planners.search.search_planner import SearchPlanner
from agent.protocol.errors import RatchetError
from agent.protocol.model import ModelProfile
from agent.protocol.policy import Rule
from agent.protocol.progress import Progress
from agent.protocol.task import TaskSpec
from agent.repo.forge.port import Forge
from agent.repo.store import Store
from agent.verify.environment import discover_environment
from agent.verify.failures import sandbox_errors_mapped
from agent.verify.workbench import Workbench
from sandboxes.choose import choose
from sandboxes.environment import EnvironmentSpec
from sandboxes.environments import Environments
from sandboxes.sandbox import MIB, Backend, Limits


class Context:
    """One task's hold on the outside world; `close` lets go of all of it.

    `spent` are the seconds of the time limit that earlier steps took, in whatever process.
    """

    def __init__(self, spec: TaskSpec, state: Path, hold: Hold, *, spent: float = 0.0) -> None:
        self._asked = spec
        self.state = state
        self.hold = hold
        self.task_id = hold.task_id
        self.on_progress = hold.on_progress
        self.cancel = hold.interrupt
        self.uncounted = 0.0
        """Seconds of the newest step that the time limit does not count."""
        self._began = time.monotonic() - spent
        self._wanted: dict[str, EnvironmentSpec] = {}
        self._workbenches: dict[str, Workbench] = {}

    @cached_property
    def spec(self) -> TaskSpec:
        """Return what was asked for, within what the organization allows; raises UsageError."""
        return pinned(self._asked, load_organization())

    @property
    def deadline(self) -> float:
        """Return the `time.monotonic()` at which the work on the code must have ended."""
        limit = self._began + self.spec.limits.seconds
        if self.spec.deadline is None:
            return limit
        return min(limit, time.monotonic() + self.spec.deadline - time.time())

    @property
    def overdue(self) -> bool:
        """Say whether the moment has passed by which the task was wanted."""
        return self._asked.deadline is not None and time.time() >= self._asked.deadline

    @cached_property
    def store(self) -> Store:
        """Return our copy of the user's repository."""
        return Store.open(Path(self.spec.repository), self.state, interrupt=self.hold.interrupt)

    @cached_property
    def forge(self) -> Forge:
        """Return the forge that the task came from; raises UsageError when it is not configured."""
        # Most tasks are from none, and its client takes most of a second to import.
        from agent.repo.forge.open import open_forge  # noqa: PLC0415

        trigger = self._asked.trigger
        return open_forge(load_user().bot, trigger.installation if trigger is not None else None)

    @cached_property
    def backend(self) -> Backend:
        """Return the sandbox backend in force; raises IsolationUnavailable."""
        with sandbox_errors_mapped():
            backend, _ = choose(self.spec.sandbox, self.state)
        backend.reap()
        return backend

    @cached_property
    def planner(self) -> Planner:
        """Return the planner that needs no model."""
        return SearchPlanner()

    @cached_property
    def budget(self) -> Budget:
        """Return what models may cost: the account of a task and its sub-tasks, and that of the day."""
        return Budget(self.state, accounts_of(self.spec.parent or self.task_id, self.spec.limits))

    def model(self, profile: ModelProfile) -> Model:
        """Return a model within the budget."""
        return build(profile, self.budget)

    def config(self, tree: str) -> Config:
        """Return the configuration that holds for a tree, merged with the user's."""
        return read_config(self.store, self.ruling(tree))

    def rules(self, tree: str) -> tuple[Rule, ...]:
        """Return the rules that the repository and the organization add to those of the spec."""
        return rules_for(_repository_config(self.store, self.ruling(tree)))

    def ruling(self, tree: str) -> str:
        """Return the tree whose configuration and instructions hold for a tree.

        That is the tree itself, but for a task from a forge, where strangers make trees.
        """
        return self._ruling or tree

    @cached_property
    def _ruling(self) -> str | None:
        commit = self.spec.configured_by
        return None if commit is None else self.store.tree_of(self.store.resolve(commit))

    def environment(self, tree: str, commit: str) -> EnvironmentSpec:
        """Return what a tree needs to run."""
        if tree not in self._wanted:
            section = self.config(tree).environment.model_dump()
            self._wanted[tree] = discover_environment(
                self.store, tree, commit, section, asked=self.spec.python
            )
        return self._wanted[tree]

    def has_environment(self, tree: str, commit: str) -> bool:
        """Say whether what a tree needs is here already, so that nothing would be fetched for it."""
        try:
            with sandbox_errors_mapped():
                return Environments(self.state, self.backend).is_built(self.environment(tree, commit))
        except RatchetError:
            # Whatever is wrong is said in its turn, by the step that needs a sandbox.
            return False

    def workbench(self, tree: str, commit: str) -> Workbench:
        """Return the workbench whose environment fits a tree; built at most once per environment."""
        wanted = self.environment(tree, commit)
        with sandbox_errors_mapped(), self.off_the_clock():
            environment = Environments(self.state, self.backend).build(
                wanted,
                self.store.archive(tree),
                on_progress=lambda line: self.on_progress(Progress(phase="environment", message=line)),
                cancel=self.cancel,
            )
        if environment.key not in self._workbenches:
            self._workbenches[environment.key] = Workbench(
                self.store, self.backend, environment, self._limits(), task_id=self.task_id
            )
        return self._workbenches[environment.key]

    def close(self) -> None:
        """Take down every sandbox of the task, and close what is open."""
        for workbench in self._workbenches.values():
            workbench.close()
        if "budget" in self.__dict__:
            self.budget.close()
        if "forge" in self.__dict__:
            self.forge.close()

    @contextmanager
    def off_the_clock(self) -> Iterator[None]:
        """Leave out of the time limit what happens inside: it bounds the work on the code."""
        began = time.monotonic()
        try:
            yield
        finally:
            took = time.monotonic() - began
            self.uncounted += took
            self._began += took

    def _limits(self) -> Limits:
        limits = self.spec.limits
        return Limits(
            memory=limits.memory_mib * MIB,
            workspace=limits.workspace_mib * MIB,
            pids=limits.pids,
            cpus=limits.cpus,
        )


def read_config(store: Store, tree: str) -> Config:
    """Return the configuration in force for a tree of a repository."""
    return merge(_repository_config(store, tree), load_user(), organization=load_organization())


def _repository_config(store: Store, tree: str) -> RepositoryConfig:
    text = store.read(tree, REPOSITORY_FILE) if REPOSITORY_FILE in store.list(tree) else b""
    return parse_repository(text)
