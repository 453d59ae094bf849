"""What a front end asks for."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from agent.protocol.forge import ObjectId, Trigger
from agent.protocol.limits import TaskLimits
from agent.protocol.model import ModelProfile, Role
from agent.protocol.policy import Rule
from agent.protocol.value import Value

SEARCH = "search"
"""The planner that needs no model."""


class TaskKind(StrEnum):
    """The jobs Ratchet does."""

    FIX = "fix"
    VERIFY = "verify"
    DO = "do"
    ASK = "ask"
    REVIEW = "review"
    REPLY = "reply"
    """Answers what was asked for on a forge and needs no work: help, stop, what is no command."""


class Intent(StrEnum):
    """What a `do` task is meant to change, which says what proves it."""

    IMPLEMENT = "implement"
    """Proven by tests that fail without the change and pass with it."""
    REFACTOR = "refactor"
    """Proven when no test changes its outcome."""
    DOCUMENT = "document"
    """As refactor."""


_A_REPLY_HAS_A_TRIGGER: JsonDict = {
    "if": {"properties": {"kind": {"const": "reply"}}, "required": ["kind"]},
    "then": {"properties": {"trigger": {"type": "object"}}, "required": ["trigger"]},
}


class TaskSpec(Value):
    """One task as submitted; everything a step needs that is not measured."""

    model_config = ConfigDict(json_schema_extra=_A_REPLY_HAS_A_TRIGGER)

    kind: TaskKind
    repository: str = Field(pattern=r"^[^\x00]*$")
    """Absolute path of the user's repository; `github:owner/name` for a task from a forge until admitted."""
    tests: tuple[str, ...] = ()
    """Node ids and paths to be fixed; empty means whatever fails."""
    command: str | None = None
    """A shell command that is the check, instead of the discovered ones."""
    python: str = Field(default="", pattern=r"^(3\.\d{1,2})?$")
    """The minor version that it is run with where this machine has it; empty means what the tree suggests."""
    goal: str = ""
    """do, ask, review: what is wanted, in the user's words; verify with a branch: the commit's message."""
    intent: Intent = Intent.IMPLEMENT
    planner: str = SEARCH
    """What the user asked for; `stages` says what that means."""
    stages: tuple[str, ...] = ()
    """`search` and names of models in the order they are tried; empty means the planner alone."""
    models: tuple[ModelProfile, ...] = ()
    roles: Mapping[Role, str] = {}
    """The model of a role where it is not that of the stage."""
    limits: TaskLimits = TaskLimits()
    sandbox: str = "auto"
    """auto, docker, bubblewrap or process."""
    clean: bool = False
    """Take HEAD as the base and ignore uncommitted changes."""
    base: str | None = None
    """verify, review: revision before the change; None means HEAD. Others: base instead of the checkout."""
    head: str | None = None
    """verify, review: revision after the change; None means the working tree."""
    patch: str | None = None
    """verify: a unified diff that is put on the head before it is judged; `branch` and `apply` deliver it."""
    proven_by: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]{1,100}$")
    """verify with a patch: id of a task whose verdict is taken when it holds for the very same trees."""
    branch: str | None = None
    """fix, do: name of the branch to create; None means `ratchet/<task id>`.

    verify with a patch: name of the branch that the proven patch goes to; None means no branch.
    """
    apply: bool = False
    """Also merge the proven patch into the working tree; verify: needs a patch."""
    deliver: bool = True
    """fix, do: False keeps the proven patch in the report, on no branch."""
    seed: int = 0
    priority: int = Field(default=100, ge=0, le=1000)
    """The lower number goes first."""
    deadline: int | None = None
    """Seconds since the epoch by which the task must have ended."""
    parent: str | None = None
    """Id of the task whose failures this one is a group of."""
    policy: tuple[Rule, ...] = ()
    """The client's rules at the time of the request; the repository's join them."""
    attended: bool = False
    """Somebody is there to answer approvals; else what would ask is denied."""
    machine: str | None = None
    """The machine that has the repository's path; None when any machine can reach it."""
    trigger: Trigger | None = None
    """What happened on a forge; the task is admitted by what the forge says about it before all else."""
    configured_by: ObjectId | None = None
    """Commit whose `.ratchet.toml` holds for every tree of the task; None means each tree's own."""
    front_end: str = "cli"
    """Who asked: cli, tui, lsp, bot or ci."""

    @property
    def home(self) -> str:
        """Return what lists call the repository, also once a task from a forge has a copy of its own."""
        return f"github:{self.trigger.repository}" if self.trigger is not None else self.repository

    @property
    def origin(self) -> str:
        """Return what people know it by: the repository here, or what happened on a forge; outside text."""
        return self.repository if self.trigger is None else self.trigger.origin
