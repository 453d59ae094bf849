"""Which models there are, as the user's settings stand now."""

from agent.client.routed import AUTO, routed
from agent.config import load_user
from agent.protocol.errors import UsageError
from agent.protocol.task import TaskKind
from tui.orders.new_task import NO_MODEL, WITHOUT_MODEL


def chosen(name: str) -> str | None:
    """Return the model of a name, None for `auto`, which is as the settings say; raises UsageError."""
    if name == AUTO:
        return None
    routed(load_user(), TaskKind.DO, name)
    return name


def described(model: str | None) -> str:
    """Say which models further tasks go to; raises UsageError when there is none."""
    stages = routed(load_user(), TaskKind.DO, model)["stages"]
    if not stages:
        raise UsageError(NO_MODEL, hint=WITHOUT_MODEL)
    return f"models for further tasks: {', '.join(stages)}" + ("" if model else " (as the settings say)")
