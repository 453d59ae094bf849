"""A server in the process of the test, raw JSON on one side of it and a daemon's answers on the other."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agent.client.client import Client
from agent.protocol.api import ChangedFile, TaskFiles, TaskView
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report, Tokens
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Scope, Verdict
from lsp.handlers.registry import server_for
from lsp.server import RatchetServer
from tests.client.scripted import Request, document, serving
from tests.lsp.desk import Desk

TASK, JUDGE = "0001", "0002"


class Seat:
    """A server, and the editor in front of it."""

    def __init__(self, server: RatchetServer, root: Path, specs: list[TaskSpec], *, tells_late: bool) -> None:
        self.server = server
        self.specs = specs
        """Of the tasks that were made."""
        self.desk = Desk(self._send, root, tells_late=tells_late)
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._said = ""
        server.protocol.sends(self._receive)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and return its answer."""
        self._send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        while True:
            heard = await self._heard.get()
            if "method" not in heard:
                return heard
            self._said = self.desk.hear(heard) or self._said

    async def apply(self, answers: Iterable[str | None] = ()) -> str:
        """Order the patch to be applied, and return the last thing that is said about it."""
        self.desk.answers, self._said = list(answers), ""
        order = {"command": "ratchet.apply", "arguments": [{"task": TASK}]}
        assert (await self.ask("workspace/executeCommand", **order))["result"] == {"task": TASK}
        while not self._said:
            self._said = self.desk.hear(await self._heard.get())
        return self._said

    def _receive(self, message: Any) -> None:
        framed = self.server.protocol.encode(message)
        self._heard.put_nowait(json.loads(framed.partition(b"\r\n\r\n")[2]))

    def _send(self, message: dict[str, Any]) -> None:
        self.server.protocol.take(json.dumps(message).encode())


@asynccontextmanager
async def seated(
    folder: Path,
    files: Sequence[ChangedFile],
    capabilities: dict[str, Any],
    *,
    proven: bool = True,
    tells_late: bool = False,
) -> AsyncIterator[Seat]:
    """Begin with an editor in a repository and a finished task that has a patch for it."""
    specs: list[TaskSpec] = []

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.method == "POST":
            specs.append(TaskSpec.model_validate_json(request.body))
            made: Any = _view(folder, JUDGE, TaskKind.VERIFY, "")
        elif request.path.endswith("/files"):
            made = TaskFiles(base="base", tree="tree", files=tuple(files))
        else:
            made = _view(folder, TASK, TaskKind.FIX, "tree" if proven else "another")
        await document(made.model_dump_json().encode())(request, writer)

    async with serving(folder.parent, answer) as daemon:
        async with Client(daemon.find) as client:
            seat = Seat(server_for(client), folder, specs, tells_late=tells_late)
            begin = {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities}
            await seat.ask("initialize", **begin)
            yield seat
            for task in tuple(seat.server._background):
                task.cancel()
            seat.server.shutdown()
        # The daemon's side of a connection ends a little after the other one.
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.wait(rest, timeout=10)
        await asyncio.sleep(0.01)


def _view(root: Path, task: str, kind: TaskKind, tree: str) -> TaskView:
    spec = TaskSpec(kind=kind, repository=str(root))
    summary = TaskSummary(
        task_id=task,
        kind=kind,
        repository=str(root),
        status=Status.FINISHED if tree else Status.QUEUED,
        priority=100,
        created_at=0,
        updated_at=0,
        seq=9,
    )
    return TaskView(summary=summary, spec=spec, report=_report(task, tree) if tree else None)


def _report(task: str, tree: str) -> Report:
    return Report(
        task_id=task,
        outcome=Outcome.VERIFIED,
        base_commit="",
        tree=tree,
        branch=None,
        patch="",
        files=(),
        verdict=Verdict(tree=tree, scope=Scope.FULL),
        planner="search",
        candidates=0,
        candidates_per_second=0,
        seconds=0,
        model_calls=0,
        tokens=Tokens(),
        cost_usd=0,
        sandbox=None,
        reason="",
    )
