"""Task ids as people write them: a beginning or an end that fits only one."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from agent.protocol.errors import UsageError

if TYPE_CHECKING:
    from agent.client.client import Client

F = TypeVar("F", bound=Callable[..., Any])
_WHOLE = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}(-\d+)?")
_SHOWN = 5
_COMPLETED = 200
_HINT = "`ratchet tasks list` shows the tasks"


async def resolve(client: "Client", text: str) -> str:
    """Return the id that a text stands for; raises UsageError when it is none, or more than one."""
    if _WHOLE.fullmatch(text):
        return text
    if not text:
        raise UsageError("an empty task id", hint=_HINT)
    fitting = []
    async for task in client.tasks():
        if task.task_id == text:
            return text
        if task.task_id.startswith(text) or task.task_id.endswith(text):
            fitting.append(task.task_id)
    match fitting:
        case [one]:
            return one
        case []:
            raise UsageError(f"no task {text!r}", hint=_HINT)
        case _:
            named = ", ".join(fitting[:_SHOWN]) + (", …" if len(fitting) > _SHOWN else "")
            raise UsageError(
                f"{text!r} stands for {len(fitting)} tasks", hint=f"write more of one of {named}"
            )


def task_argument(command: F) -> F:
    """Add the argument TASK, passed as `task`."""
    return click.argument("task", shell_complete=complete, metavar="TASK")(command)


def tasks_argument(command: F) -> F:
    """Add the argument TASK..., passed as `tasks`, at least one."""
    option = click.argument("tasks", shell_complete=complete, metavar="TASK...", nargs=-1, required=True)
    return option(command)


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the ids that begin, or end, with what was typed; nothing when no daemon runs."""
    return [CompletionItem(task_id, help=said) for task_id, said in _known(incomplete)]


def _known(part: str) -> list[tuple[str, str]]:
    import asyncio

    from agent.client import launch
    from agent.client.client import Client
    from agent.config import state_dir
    from agent.protocol.errors import RatchetError

    async def find() -> list[tuple[str, str]]:
        found = await launch.running(state_dir())
        if found is None:
            return []

        async def here() -> Any:
            return found[0]

        async with Client(here) as client:
            newest = [task async for task in client.tasks(limit=_COMPLETED)]
        return [
            (task.task_id, f"{task.outcome or task.status} {task.kind}")
            for task in newest
            if task.task_id.startswith(part) or task.task_id.endswith(part)
        ]

    try:
        return asyncio.run(find())
    except RatchetError:
        return []
