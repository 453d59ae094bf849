"""What a model said and did, turn by turn: facts, from which every further request is built."""

from enum import StrEnum

from pydantic import Field

from agent.protocol.model import Role
from agent.protocol.proposal import Effort
from agent.protocol.value import Value


class StepStatus(StrEnum):
    """How far a step of a plan is."""

    PENDING = "pending"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class PlanStep(Value):
    """One line of a plan."""

    text: str
    status: StepStatus = StepStatus.PENDING


class Plan(Value):
    """What a model means to do; a claim, which nothing rests on."""

    steps: tuple[PlanStep, ...] = ()


class ToolUse(Value):
    """One tool call and what came back, as the model saw it."""

    id: str
    name: str
    arguments: str
    """JSON, as the model wrote it."""
    result: str
    refused: bool = False
    """The tool could not do it; `result` says why."""
    seconds: float = 0.0


class Finding(Value):
    """Something that a review holds against a change."""

    path: str
    line: int
    title: str
    body: str
    severity: str = "warning"
    """note, warning or error."""
    proven: bool = False
    """A test of the model's fails on the change and passes on its base, both run in the sandbox."""
    test: str = ""
    """Source of the test."""
    evidence: str = ""
    """What the harness saw, or why it counts as unproven."""


class Turn(Value):
    """One answer of a model and the tool calls in it, all of them done."""

    role: Role
    model: str
    """Name of the profile."""
    text: str = ""
    uses: tuple[ToolUse, ...] = ()
    tree: str = ""
    """Working tree after the tool calls, as a git tree id."""
    plan: Plan | None = None
    """The plan, when this turn changed it."""
    findings: tuple[Finding, ...] = ()
    """What a review reported in this turn, proven or not."""
    effort: Effort = Effort()
    fault: str = ""
    """Code of the fault that the model ended in instead of an answer."""
    reason: str = ""
    """One sentence about the fault."""
    steered: int = 0
    """How many of the task's steering messages the model had seen."""
    flags: tuple[str, ...] = ()
    """What was noticed in untrusted text: invisible characters, secrets that were cut out."""

    @property
    def is_last_word(self) -> bool:
        """Say whether the model has nothing more to do; the harness decides what that is worth."""
        return not self.uses and not self.fault


class Citation(Value):
    """A place that an answer names, looked up in the index."""

    path: str
    line: int = Field(ge=0)
    end: int = Field(default=0, ge=0)
    fault: str = ""
    """Why there is no such place; empty when there is."""
