"""The calls of the daemon's API, typed; see `connection` for what happens when it is lost."""

import uuid
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from agent.client.connection import Connection, Find
from agent.client.stream import Linked, follow, watch
from agent.protocol.api import Health, RepositoryUse, Resolution, TaskFiles, TaskPublication, TaskView
from agent.protocol.event import Event, parse_event
from agent.protocol.index import (
    ImpactRequest,
    IndexCallers,
    IndexHits,
    IndexImpact,
    IndexMap,
    IndexReferences,
    IndexStatus,
    IndexSymbols,
    MapRequest,
    SearchRequest,
)
from agent.protocol.policy import ApprovalScope
from agent.protocol.progress import Progress
from agent.protocol.summary import Status, TaskPage, TaskSummary
from agent.protocol.task import TaskSpec
from agent.protocol.value import Value

T = TypeVar("T", bound=Value)
_REPOSITORIES = TypeAdapter(list[RepositoryUse])
_PAGE = 200
Asked = dict[str, str | float | None]
_RAW_EVENTS = TypeAdapter(list[dict[str, Any]])


class Client:
    """One front end's way to the daemon; an async context manager. Every call raises RatchetError."""

    def __init__(self, find: Find) -> None:
        self._connection = Connection(find)

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()

    async def create(self, spec: TaskSpec, *, keys: tuple[str, ...] = ()) -> TaskView:
        """Submit a task; however often the connection is lost meanwhile, it is one task.

        `keys` make it one task over several calls, too: any that is known leads to its task.
        """
        known = ",".join(keys) or uuid.uuid4().hex
        headers = {"Idempotency-Key": known, "Content-Type": "application/json"}
        content = spec.model_dump_json()
        response = await self._connection.request("POST", "/v1/tasks", headers=headers, content=content)
        return _value(TaskView, response.content)

    async def page(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        status: Status | None = None,
        repository: str | None = None,
        parent: str | None = None,
    ) -> TaskPage:
        """Return a part of the list of tasks, newest first."""
        asked = {
            "cursor": cursor,
            "limit": limit,
            "status": status,
            "repository": repository,
            "parent": parent,
        }
        given = {name: str(value) for name, value in asked.items() if value is not None}
        response = await self._connection.request("GET", "/v1/tasks", params=given)
        return _value(TaskPage, response.content)

    async def tasks(
        self,
        *,
        limit: int | None = None,
        status: Status | None = None,
        repository: str | None = None,
        parent: str | None = None,
    ) -> AsyncIterator[TaskSummary]:
        """Yield tasks, newest first, at most `limit` of them."""
        cursor, left = None, limit
        while left is None or left > 0:
            size = _PAGE if left is None else min(left, _PAGE)
            page = await self.page(
                cursor=cursor, limit=size, status=status, repository=repository, parent=parent
            )
            for task in page.tasks[:left]:
                yield task
            left = None if left is None else left - len(page.tasks)
            cursor = page.cursor
            if cursor is None:
                return

    async def task(self, task_id: str) -> TaskView:
        """Return a task as it stands."""
        response = await self._connection.request("GET", _path(task_id))
        return _value(TaskView, response.content)

    async def publication(self, task_id: str) -> TaskPublication:
        """Return what a task shows on the forge that it came from."""
        response = await self._connection.request("GET", _path(task_id, "publication"))
        return _value(TaskPublication, response.content)

    async def cancel(self, task_id: str) -> TaskView:
        """Stop a task for good; what it made so far is kept."""
        return await self._change(task_id, "cancel")

    async def pause(self, task_id: str) -> TaskView:
        """Stop a task until somebody resumes it."""
        return await self._change(task_id, "pause")

    async def resume(self, task_id: str) -> TaskView:
        """Let a paused task go on."""
        return await self._change(task_id, "resume")

    async def retry(self, task_id: str) -> TaskView:
        """Begin a finished task again."""
        return await self._change(task_id, "retry")

    async def prioritize(self, task_id: str, priority: int) -> TaskView:
        """Move a task in the queue; the lower number goes first."""
        return await self._change(task_id, "priority", {"priority": priority})

    async def steer(self, task_id: str, text: str) -> TaskView:
        """Tell the model at work something; its next turn begins with it."""
        return await self._change(task_id, "steer", {"text": text})

    async def approve(
        self,
        task_id: str,
        approval_id: str | None = None,
        reason: str = "",
        *,
        scope: ApprovalScope = ApprovalScope.ONCE,
        pattern: str | None = None,
    ) -> TaskView:
        """Allow what a task asks for; without an id the only thing it asks for.

        With the scope `pattern` also whatever else `pattern` matches, for the rest of the task.
        """
        said = Resolution(approval_id=approval_id, reason=reason, scope=scope, pattern=pattern)
        return await self._change(task_id, "approve", said.model_dump(mode="json", exclude_defaults=True))

    async def deny(self, task_id: str, approval_id: str | None = None, reason: str = "") -> TaskView:
        """Refuse what a task asks for; without an id the only thing it asks for."""
        said = Resolution(approval_id=approval_id, reason=reason)
        return await self._change(task_id, "deny", said.model_dump(mode="json", exclude_defaults=True))

    def events(self, task_id: str, *, after: int = 0) -> AsyncIterator[Event | Progress]:
        """Yield a task's events after number `after`, and live progress, until it has ended."""
        return follow(self._connection, _path(task_id, "events"), after)

    def changes(self, linked: Linked | None = None) -> AsyncIterator[TaskSummary]:
        """Yield the newest tasks as they stand, oldest first, and then each whenever it changes.

        Never ends: a cut or a restart of the daemon begins it anew, so that a task may come again unchanged.
        `linked` is told, at least whenever that changed, whether the daemon is reached.
        """
        return watch(self._connection, linked)

    async def files(self, task_id: str) -> TaskFiles:
        """Return the files that a task's patch changes, before and after."""
        response = await self._connection.request("GET", _path(task_id, "files"))
        return _value(TaskFiles, response.content)

    async def source(self, task_id: str, path: str) -> bytes:
        """Return a file of the tree that the task began with; raises RatchetError where there is none."""
        where = _path(task_id, "source")
        return (await self._connection.request("GET", where, params={"path": path})).content

    async def history(self, task_id: str, *, after: int = 0) -> list[Event]:
        """Return the events that a task has by now."""
        response = await self._connection.request(
            "GET",
            _path(task_id, "events"),
            params={"after": str(after)},
            headers={"Accept": "application/json"},
        )
        return [parse_event(one) for one in _RAW_EVENTS.validate_json(response.content)]

    async def patch(self, task_id: str) -> str:
        """Return the unified diff that a task came up with; empty when there is none yet."""
        return (await self._connection.request("GET", _path(task_id, "patch"))).text

    async def log(self, task_id: str) -> str:
        """Return the tail of a task's log."""
        return (await self._connection.request("GET", _path(task_id, "log"))).text

    async def repositories(self) -> list[RepositoryUse]:
        """Return the repositories that tasks were made for."""
        response = await self._connection.request("GET", "/v1/repositories")
        return _REPOSITORIES.validate_json(response.content, extra="ignore")

    async def index_status(self, repository: str, revision: str | None = None) -> IndexStatus:
        """Return what is indexed of a directory's repository; `building` while it is being indexed.

        As the other calls of the index: without a revision of the working tree; raises an error of the code
        `index-busy` while a build takes long. Ask again then.
        """
        return await self._index(IndexStatus, "status", repository, revision)

    async def search(self, wanted: SearchRequest) -> IndexHits:
        """Return the places that a text is about, best first."""
        return await self._index_post(IndexHits, "search", wanted)

    async def repository_map(self, wanted: MapRequest) -> IndexMap:
        """Return the definitions that matter most, within a budget of tokens."""
        return await self._index_post(IndexMap, "map", wanted)

    async def impact(self, wanted: ImpactRequest) -> IndexImpact:
        """Return the tests that can reach paths or symbols."""
        return await self._index_post(IndexImpact, "impact", wanted)

    async def symbols(
        self,
        repository: str,
        target: str | None = None,
        *,
        part: str | None = None,
        revision: str | None = None,
        limit: int = 500,
        age: float = 0,
    ) -> IndexSymbols:
        """Return the definitions of a file, of a folder or of a name; without a target of everything.

        With `part` those whose name holds that text, nearest first. `age` is for how many seconds an answer
        about the working tree may be late: it is much faster then. So with the next two calls.
        """
        asked: Asked = {"target": target, "part": part, "limit": limit, "age": age or None}
        return await self._index(IndexSymbols, "symbols", repository, revision, **asked)

    async def references(
        self, repository: str, name: str, *, revision: str | None = None, limit: int = 200, age: float = 0
    ) -> IndexReferences:
        """Return where a name is used in code."""
        asked: Asked = {"name": name, "limit": limit, "age": age or None}
        return await self._index(IndexReferences, "references", repository, revision, **asked)

    async def callers(
        self, repository: str, name: str, *, revision: str | None = None, limit: int = 200, age: float = 0
    ) -> IndexCallers:
        """Return the calls that can reach what is called `name`, surest first."""
        asked: Asked = {"name": name, "limit": limit, "age": age or None}
        return await self._index(IndexCallers, "callers", repository, revision, **asked)

    async def callees(
        self, repository: str, name: str, *, revision: str | None = None, limit: int = 200, age: float = 0
    ) -> IndexCallers:
        """Return the calls in what is called `name`, with what they can reach."""
        asked: Asked = {"name": name, "limit": limit, "age": age or None}
        return await self._index(IndexCallers, "callees", repository, revision, **asked)

    async def health(self) -> Health:
        """Return who serves, and whether there is work."""
        response = await self._connection.request("GET", "/v1/health")
        return _value(Health, response.content)

    async def shutdown(self, *, drain: bool) -> None:
        """Ask the daemon to end; with `drain` it first finishes what runs."""
        await self._connection.request("POST", "/v1/shutdown", json={"drain": drain}, repeatable=False)

    async def _index(
        self, kind: type[T], what: str, repository: str, revision: str | None, **asked: str | float | None
    ) -> T:
        given = {"repository": repository, "revision": revision, **asked}
        params = {name: str(value) for name, value in given.items() if value is not None}
        return _value(
            kind, (await self._connection.request("GET", f"/v1/index/{what}", params=params)).content
        )

    async def _index_post(self, kind: type[T], what: str, wanted: Value) -> T:
        body = wanted.model_dump(mode="json")
        return _value(kind, (await self._connection.request("POST", f"/v1/index/{what}", json=body)).content)

    async def _change(self, task_id: str, verb: str, body: dict[str, Any] | None = None) -> TaskView:
        response = await self._connection.request(
            "POST", _path(task_id, verb), json=body, repeatable=verb != "retry"
        )
        return _value(TaskView, response.content)


def _path(task_id: str, *more: str) -> str:
    return "/".join(("/v1/tasks", quote(task_id, safe=""), *more))


def _value(kind: type[T], content: bytes) -> T:
    # A newer daemon of the same API may say more than this client knows.
    return kind.model_validate_json(content, extra="ignore")
