"""What a planner offers to the harness, and how it got there."""

from agent.protocol.edit import Edit
from agent.protocol.value import Value


class Effort(Value):
    """What a planner spent so far."""

    candidates: int = 0
    seconds: float = 0.0
    model_calls: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    cost_usd: float = 0.0

    @property
    def candidates_per_second(self) -> float:
        """Return the rate of evaluated candidates, 0 when nothing ran."""
        return self.candidates / self.seconds if self.seconds > 0 else 0.0

    def plus(self, more: "Effort") -> "Effort":
        """Return the sum of two efforts."""
        return Effort(**{name: getattr(self, name) + getattr(more, name) for name in type(self).model_fields})


class Proposal(Value):
    """Edits against the base tree that a planner believes in; the harness decides."""

    planner: str
    edits: tuple[Edit, ...]
    rationale: str
    """One sentence: what was changed and why this place."""
    effort: Effort = Effort()
    cursor: int = 0
    """Where a deterministic planner goes on if this proposal is refused."""


class Suspect(Value):
    """A line under suspicion; `score` in 0..1, larger is more suspicious."""

    path: str
    line: int
    score: float
    symbol: str = ""
    reason: str = ""
