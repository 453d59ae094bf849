"""The swap point between tools: arguments with a schema in, text for a model out."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from agent.index.search.evidence import SearchView
from agent.index.search.hybrid import Search
from agent.protocol.check import Check, Run
from agent.protocol.conversation import Finding, Plan
from agent.protocol.limits import TaskLimits
from agent.protocol.model import EditFormat
from agent.protocol.progress import OnProgress, silent
from agent.protocol.value import Value
from agent.repo.store import Store
from agent.verify.workbench import Workbench

A = TypeVar("A", bound=Value, contravariant=True)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the repository's code can be run; a task that only reads has none."""

    workbench: Workbench
    checks: tuple[Check, ...]
    baseline: tuple[Run, ...]
    limits: TaskLimits
    deadline: float
    """`time.monotonic()` at which the work must have ended."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the tools of one turn work on. `tree` is the working tree; tools never change it in place."""

    store: Store
    base: str
    """Tree id of the task's base."""
    tree: str
    view: SearchView
    """The index of the base; see `agent.tools.overlay` for what edits changed since."""
    advice: str | None = None
    """Tree id whose AGENTS.md and the like hold; None means the base."""
    search: Search | None = None
    """The search of `view`, kept as long as that; None: each use makes its own."""
    bench: Bench | None = None
    writable: bool = False
    """False for `ask` and `review`: no tool may change the tree."""
    reviewing: bool = False
    """`tree` is the change that is reviewed: findings can be reported."""
    edit_format: EditFormat = EditFormat.SEARCH_REPLACE
    target: tuple[str, ...] = ()
    """Tests that are to pass."""
    plan: Plan = field(default_factory=Plan)
    on_progress: OnProgress = silent
    cancel: threading.Event = field(default_factory=threading.Event)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Values that must not be shown wherever they turn up, such as the key of a model."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool says; `tree` and `plan` when they changed."""

    text: str
    refused: bool = False
    """It could not be done; `text` says why and what to do instead. Nothing was changed."""
    tree: str | None = None
    plan: Plan | None = None
    finding: Finding | None = None
    """What a review reports."""
    flags: tuple[str, ...] = ()
    """What was noticed in the untrusted text of it, as `source: kind`."""


class Tool(Protocol, Generic[A]):
    """One tool; its name, description and arguments are what the model is told."""

    @property
    def name(self) -> str:
        """Return the name that a model calls it by."""

    @property
    def description(self) -> str:
        """Return one short paragraph for the model."""

    @property
    def arguments(self) -> type[Value]:
        """Return the type of the arguments, whose JSON schema the model gets."""

    @property
    def parallel(self) -> bool:
        """Say whether it only reads, so that several calls may run at once."""

    def run(self, desk: Desk, arguments: A) -> Outcome:
        """Do it; raises Interrupted. Everything that can go wrong otherwise is an Outcome."""


AnyTool = Tool[Value]
Tools = Sequence[AnyTool]
