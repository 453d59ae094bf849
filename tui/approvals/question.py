"""One thing that a task asks a person."""

from dataclasses import dataclass

from agent.protocol.policy import Approval
from agent.protocol.task import TaskSpec


@dataclass(frozen=True, slots=True)
class Question:
    """An approval, and which task wants it."""

    task_id: str
    spec: TaskSpec
    approval: Approval

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from all others."""
        return (self.task_id, self.approval.id)

    @property
    def subject(self) -> str:
        """Return what the task is about, in the words it was submitted with."""
        spec = self.spec
        return f"{spec.kind} {spec.goal or ' '.join(spec.tests) or spec.command or 'whatever fails'}"
