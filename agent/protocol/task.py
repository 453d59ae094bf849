"""What a front end asks for."""

from enum import StrEnum

from agent.protocol.limits import TaskLimits
from agent.protocol.value import Value


class TaskKind(StrEnum):
    """The jobs Ratchet does."""

    FIX = "fix"
    VERIFY = "verify"


class TaskSpec(Value):
    """One task as submitted; everything a step needs that is not measured."""

    kind: TaskKind
    repository: str
    """Absolute path of the user's repository."""
    tests: tuple[str, ...] = ()
    """Node ids and paths to be fixed; empty means whatever fails."""
    command: str | None = None
    """A shell command that is the check, instead of the discovered ones."""
    planner: str = "search"
    limits: TaskLimits = TaskLimits()
    sandbox: str = "auto"
    """auto, docker, bubblewrap or process."""
    clean: bool = False
    """Take HEAD as the base and ignore uncommitted changes."""
    base: str | None = None
    """verify: revision before the change; None means HEAD."""
    head: str | None = None
    """verify: revision after the change; None means the working tree."""
    branch: str | None = None
    """fix: name of the branch to create; None means `ratchet/<task id>`."""
    apply: bool = False
    """fix: also merge the proven patch into the working tree."""
    seed: int = 0
