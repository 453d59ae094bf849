"""What a task may use."""

from pydantic import Field

from agent.protocol.value import Value


class TaskLimits(Value):
    """Bounds of one task; a reached bound ends it as `budget` and keeps the work so far."""

    seconds: float = Field(default=300.0, gt=0)
    """Wall time for reproduce, search and verify together; environment builds are not counted."""
    test_seconds: float = Field(default=60.0, gt=0)
    """Wall time for one test before it counts as `timeout`."""
    memory_mib: int = Field(default=2048, ge=64)
    workspace_mib: int = Field(default=1024, ge=16)
    pids: int = Field(default=256, ge=16)
    cpus: float = Field(default=2.0, gt=0)
    cost_usd: float | None = Field(default=None, ge=0)
    """US dollars for models; None means no bound of its own."""
    tokens: int | None = Field(default=None, ge=0)
    """Tokens of models, in and out."""
    model_calls: int | None = Field(default=None, ge=0)
    cost_usd_per_day: float | None = Field(default=None, ge=0)
    """US dollars for models in all tasks of a day."""
    tokens_per_day: int | None = Field(default=None, ge=0)
    model_calls_per_day: int | None = Field(default=None, ge=0)
