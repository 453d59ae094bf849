"""What a task is about, in a few words."""

from agent.protocol.task import TaskKind, TaskSpec


def subject(spec: TaskSpec) -> str:
    """Return the tests, the goal or the change that a task is about, on one line."""
    match spec.kind:
        case TaskKind.DO | TaskKind.ASK:
            said = spec.goal
        case TaskKind.FIX:
            said = ", ".join(spec.tests) or spec.command or spec.goal or "whatever fails"
        case TaskKind.REPLY:
            said = f"{spec.trigger.verb} on {spec.trigger.place}" if spec.trigger is not None else ""
        case _:
            said = " ".join(one for one in (_change(spec), spec.goal) if one)
    return " ".join(said.split())


def _change(spec: TaskSpec) -> str:
    if spec.patch is not None:
        return "a patch" if spec.base is None else f"a patch on {spec.base[:12]}"
    if spec.head is None:
        return "the working tree" if spec.base is None else f"the working tree against {spec.base}"
    return f"{spec.base or 'HEAD'}..{spec.head}"
