"""The patch of a task, merged into the editor's buffers."""

from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from lsp.applying.apply import apply_task
from lsp.names import CommandName
from lsp.server import RatchetServer
from lsp.work.orders import read_order


def register(server: RatchetServer) -> None:
    """Take part in a server."""

    @server.command(CommandName.APPLY)
    async def apply(ls: RatchetServer, *arguments: Any) -> dict[str, str | None]:
        order = read_order(arguments)
        if not order.task:
            raise JsonRpcInvalidParams("task: names no task")
        ls.spawn(apply_task(ls, order.task))
        return {"task": order.task}
