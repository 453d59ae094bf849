"""From an order to a task of the daemon: one, however often the editor asks while it is on its way."""

import asyncio
from pathlib import Path

from pygls.exceptions import JsonRpcInvalidParams

from agent.protocol.errors import RatchetError
from agent.protocol.task import TaskKind, TaskSpec
from lsp.names import CommandName, Order
from lsp.server import RatchetServer
from lsp.work.orders import Wish, passage_of, spec_of, wish_of
from lsp.work.possible import NO_REPOSITORY, running_fix

_SOON = 1.0
"""Seconds after which the user is told what is waited for; and for which a repeated order is the same one."""

Answer = dict[str, str | None]


class Beginner:
    """Makes tasks of orders.

    An editor that gives up waiting for the answer stops nothing: the task is made, and shows by its
    progress; asking again at once gives the same task.
    """

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._newest: dict[tuple[CommandName, Order], asyncio.Task[Answer]] = {}

    async def begin(self, name: CommandName, order: Order) -> Answer:
        """Return the id of the task for an order, or why there is none; raises JsonRpcInvalidParams."""
        key, loop = (name, order), asyncio.get_running_loop()
        making = self._newest.get(key)
        if making is None or self._is_over(making):
            self._newest[key] = making = loop.create_task(self._begin(name, order))
            making.add_done_callback(lambda made: loop.call_later(_SOON, self._forget, key, made))
        return await asyncio.shield(making)

    def _forget(self, key: tuple[CommandName, Order], made: asyncio.Task[Answer]) -> None:
        if self._newest.get(key) is made:
            del self._newest[key]

    def _is_over(self, making: asyncio.Task[Answer]) -> bool:
        """Say whether what an order led to has ended, or came to nothing."""
        if not making.done():
            return False
        task_id = None if making.cancelled() or making.exception() else making.result()["task"]
        state = self._ls.feed.state(task_id) if task_id else None
        return task_id is None or (state is not None and state.finished is not None)

    async def _begin(self, name: CommandName, order: Order) -> Answer:
        ls = self._ls
        wish = wish_of(name, order, passage_of(order, ls.protocol.documents, ls.folders))
        root = root_of(ls, order)
        if root is None:
            return refusal(ls, NO_REPOSITORY)
        try:
            task_id = await self._running(root, wish) or await self._created(root, wish)
        except RatchetError as error:
            return refusal(ls, error.message, error.hint)
        ls.begun.add(task_id)
        if root not in ls.folders.repositories:
            # Nobody follows the tasks of what is no folder of the editor.
            ls.spawn(ls.feed.follow(task_id))
        return {"task": task_id}

    async def _running(self, root: Path, wish: Wish) -> str | None:
        """Return the task that is at work on the same tests."""
        same = running_fix(self._ls.feed, root, wish.tests) if wish.kind is TaskKind.FIX else None
        if same is None or (await self._ls.client.task(same.task_id)).report is not None:
            return None
        return same.task_id

    async def _created(self, root: Path, wish: Wish) -> str:
        spec = await asyncio.to_thread(spec_of, wish, root, self._ls.settings)
        making = asyncio.ensure_future(self._create(spec))
        done, _ = await asyncio.wait({making}, timeout=_SOON)
        if not done:
            self._ls.tell("Ratchet waits for its daemon; the task begins as soon as that answers.")
        return await making

    async def _create(self, spec: TaskSpec) -> str:
        return (await self._ls.client.create(spec)).summary.task_id


def root_of(ls: RatchetServer, order: Order) -> Path | None:
    """Return the repository that an order means, None when it is in none; raises JsonRpcInvalidParams."""
    if order.uri:
        return ls.folders.repository_of(order.uri)
    if len(ls.folders.repositories) != 1:
        raise JsonRpcInvalidParams("uri: says no repository, and not exactly one is open")
    return ls.folders.repositories[0]


def refusal(ls: RatchetServer, reason: str, hint: str = "") -> Answer:
    """Tell the user why there is no task, and return that as the answer of a command."""
    ls.tell(f"Ratchet: {reason}" + (f" ({hint})" if hint else ""))
    return {"task": None, "reason": reason}
