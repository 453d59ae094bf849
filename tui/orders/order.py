"""What the user can ask for at the prompt."""

from dataclasses import dataclass
from enum import StrEnum

from agent.protocol.policy import ApprovalScope
from agent.protocol.task import TaskKind


class Verb(StrEnum):
    """What a task that is there can be told; the value is the command."""

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    PRIORITY = "priority"
    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand before the words of a new task."""

    apply: bool = False
    clean: bool = False
    branch: str | None = None
    model: str | None = None
    budget: float | None = None
    """US dollars."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task of a kind; what its words mean depends on the repository."""

    kind: TaskKind
    words: str = ""
    options: Options = Options()


@dataclass(frozen=True, slots=True)
class Words:
    """No command: for the model at work, or else something to do."""

    text: str


@dataclass(frozen=True, slots=True)
class Tell:
    """One of the verbs."""

    verb: Verb
    task: str = ""
    """The id, or a part of it that fits only one; empty for the task that is looked at."""
    priority: int = 0
    reason: str = ""
    scope: ApprovalScope = ApprovalScope.ONCE
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ChooseModel:
    """Which model further tasks go to; without a name the question which there are."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """A screen by its name in `tui.screens.registry`."""

    screen: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """An action of the app."""

    action: str


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """What is no order, and what would be one."""

    sentence: str
    hint: str = ""


Order = NewTask | Words | Tell | ChooseModel | Show | Act | Misunderstood
