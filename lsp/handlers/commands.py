"""What a user asks for; each begins a task and answers at once."""

from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from lsp.names import CommandName, Order
from lsp.server import RatchetServer
from lsp.showing.results import show_task, tell_ends
from lsp.work.begin import Beginner, refusal, root_of
from lsp.work.orders import read_order

_BEGINNING = (
    CommandName.FIX,
    CommandName.VERIFY,
    CommandName.CHANGE,
    CommandName.DOCUMENT,
    CommandName.EXPLAIN,
)


def register(server: RatchetServer) -> None:
    """Take part in a server."""
    beginner = Beginner(server)
    for name in _BEGINNING:
        _register_beginning(server, beginner, name)
    tell_ends(server)

    @server.command(CommandName.CANCEL)
    async def cancel(ls: RatchetServer, *arguments: Any) -> dict[str, str | None]:
        order = read_order(arguments)
        if not order.task:
            raise JsonRpcInvalidParams("task: names no task")
        ls.spawn(_cancelled(ls, order.task))
        return {"task": order.task}

    @server.command(CommandName.SHOW)
    async def show(ls: RatchetServer, *arguments: Any) -> dict[str, str | None]:
        order = read_order(arguments)
        task_id = order.task or _newest(ls, order)
        if not task_id:
            return refusal(ls, "there is no task to be shown")
        ls.spawn(show_task(ls, task_id))
        return {"task": task_id}


def _register_beginning(server: RatchetServer, beginner: Beginner, name: CommandName) -> None:
    @server.command(name)
    async def begin(ls: RatchetServer, *arguments: Any) -> dict[str, str | None]:
        return await beginner.begin(name, read_order(arguments))


async def _cancelled(ls: RatchetServer, task_id: str) -> None:
    await ls.client.cancel(task_id)


def _newest(ls: RatchetServer, order: Order) -> str:
    root = root_of(ls, order)
    found = ls.feed.tasks(root) if root is not None else []
    return found[0].task_id if found else ""
