"""Does what an order asks for."""

import asyncio
from pathlib import Path

from agent.client.client import Client
from agent.protocol.errors import RatchetError, UsageError
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from tui.desk import Desk
from tui.messages import Go, OpenTask, Trouble
from tui.orders.models import chosen, described
from tui.orders.new_task import spec_of
from tui.orders.order import Act, ChooseModel, Misunderstood, NewTask, Order, Show, Tell, Words
from tui.orders.reply import Noted, Reply
from tui.orders.verbs import task_meant, tell

_LONGEST_STEERING = 20_000


async def carry_out(
    order: Order, desk: Desk, task: TaskState | None = None, *, task_id: str = ""
) -> Reply | None:
    """Do what an order asks for, and return what the screen has to do then.

    `task` is the open one, which words are for while a model is at work on it; `task_id` the one that verbs
    are about where none is open, as in a list.
    """
    looked_at = task.task_id if task is not None else task_id
    try:
        match order:
            case Misunderstood():
                return Trouble(order.sentence, order.hint)
            case Act():
                return order
            case Show():
                return Go(order.screen, order.argument)
            case ChooseModel():
                return await _choose(desk, order.name)
            case Tell():
                return Noted(await tell(_client(desk), order, task_meant(desk, order.task, looked_at)))
            case Words(text):
                return await _words(desk, text, task)
            case NewTask():
                return await _begin(desk, order, task)
    except RatchetError as error:
        return Trouble(error.message, error.hint)


def hears(task: TaskState | None) -> bool:
    """Say whether a model is, or may yet be, at work on a task, so that words are for it."""
    if task is None or task.spec is None or task.finished or task.cancelled:
        return False
    return bool(task.spec.models)


async def _words(desk: Desk, text: str, task: TaskState | None) -> Reply | None:
    if not text:
        return None
    if task is None or not hears(task):
        return await _begin(desk, NewTask(TaskKind.DO, text), task)
    if len(text) > _LONGEST_STEERING:
        raise UsageError(
            f"a task at work takes {_LONGEST_STEERING} characters at a time; this has {len(text)}",
            hint="leave out what does not matter, or begin a task with /do",
        )
    await _client(desk).steer(task.task_id, text)
    return None


async def _begin(desk: Desk, order: NewTask, task: TaskState | None) -> Reply:
    client = _client(desk)
    spec = await asyncio.to_thread(spec_of, order, _root(desk, task), desk.model)
    return OpenTask((await client.create(spec)).summary.task_id)


async def _choose(desk: Desk, name: str) -> Reply:
    if name:
        desk.model = await asyncio.to_thread(chosen, name)
    return Noted(await asyncio.to_thread(described, desk.model))


def _client(desk: Desk) -> Client:
    if desk.client is None:
        raise UsageError(
            "this is a recording: nothing can be changed", hint="`ratchet` shows the tasks that run"
        )
    return desk.client


def _root(desk: Desk, task: TaskState | None) -> Path:
    """Return the repository of the task that is looked at, if it is here, or else the one around us.

    Of a task from a forge that is the user's clone, never ours: nobody works in a mirror.
    """
    spec = task.spec if task is not None else None
    if spec is not None and spec.trigger is not None and desk.clone_of(spec) is None:
        raise UsageError(
            f"this is no clone of {spec.home.partition(':')[2]}", hint="open Ratchet in one to work on it"
        )
    if spec is not None and spec.trigger is None and Path(spec.repository).is_dir():
        return Path(spec.repository)
    if desk.repository is None:
        raise UsageError(
            "this is in no git repository",
            hint="open Ratchet in one: cd there, or `ratchet tui -C DIRECTORY`",
        )
    return desk.repository
