"""A state directory, its daemon as front ends start it, and tasks followed as front ends follow them."""

import asyncio
import contextlib
import math
import os
import signal
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select

from agent.client import launch, registration
from agent.client.client import Client
from agent.client.problems import DaemonUnavailable
from agent.client.process import is_alive
from agent.client.registration import Address
from agent.config import machine
from agent.engine.database import Database
from agent.engine.errors import StoreUnavailable
from agent.engine.schema import TASKS
from agent.engine.store import TaskStore
from agent.protocol.errors import RatchetError
from agent.protocol.event import Event
from agent.protocol.state import fold
from agent.protocol.task import TaskKind, TaskSpec
from tests.daemon.daemon_process import ROOT, processes_with
from tests.kill.triggers import BOOTSTRAP, VARIABLE, Armed

T = TypeVar("T")
PATIENCE = 900.0
_PAUSE = 0.05
_TRANSIENT = ("daemon", "store")
"""Codes of the errors after which a person would try again: no daemon, no database."""
_SHARED = ("roots", "downloads", "tools", "guest", "host-root", "runners")


class Stage:
    """What is on one machine; `environ` is what its daemons are started with."""

    def __init__(self, folder: Path, shared: Path, database: str | None = None, *, workers: int = 2) -> None:
        self.state = folder / "state"
        self.state.mkdir(mode=0o700, parents=True)
        config = folder / "config.toml"
        config.write_text(f"[daemon]\nworkers = {workers}\nper_repository = {workers}\n")
        for name in _SHARED:
            (shared / name).mkdir(exist_ok=True)
            (self.state / name).symlink_to(shared / name)
        self.armed = Armed(folder / "triggers")
        self.database = database
        self.tasks: list[str] = []
        self.heard: dict[str, list[Event]] = {}
        """Events of each task, as they came over the stream."""
        self.items = 0
        """Events and live updates that came."""
        self.environ: Mapping[str, str] = {
            "RATCHET_STATE_DIR": str(self.state),
            "RATCHET_CONFIG": str(config),
            "RATCHET_DATABASE_URL": database or "",
            "PYTHONPATH": f"{BOOTSTRAP}:{ROOT}",
            VARIABLE: str(self.armed.folder),
        }

    def submit(self, repository: Path, **more: Any) -> str:
        """Create a task through the API and return its id."""
        asked = {"kind": TaskKind.FIX, "sandbox": "bubblewrap", "machine": machine(), **more}
        spec, key = TaskSpec(repository=str(repository), **asked), uuid.uuid4().hex

        async def create(client: Client) -> str:
            return (await client.create(spec, keys=(key,))).summary.task_id

        task_id = self.ask(create)
        self.tasks.append(task_id)
        self.heard[task_id] = []
        return task_id

    def ask(self, wanted: Callable[[Client], Any]) -> Any:
        """Return the answer to a call of the API; a daemon that dies on its way up is started again."""
        return asyncio.run(self._insist(wanted))

    def follow(self, *task_ids: str) -> None:
        """Return when these tasks have ended; their events, as they came, are in `heard`."""

        async def all_of_them() -> None:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(self._insist(lambda c, i=i: self._hear(c, i)) for i in task_ids))

        asyncio.run(all_of_them())

    def follow_family(self, *task_ids: str) -> None:
        """Return when these tasks and those they were split into have ended."""
        self.follow(*task_ids)
        children = [child for task_id in task_ids for child in fold(self.heard[task_id]).children or ()]
        self.heard |= {child: [] for child in children}
        self.follow(*children)

    def daemon(self) -> int | None:
        """Return the process id of the daemon; None when none is up."""
        written = registration.read(self.state)
        return written.pid if written is not None and is_alive(written.pid) else None

    def start(self) -> int:
        """Have a daemon, as any command would, and return its process id."""
        for _ in range(20):
            with contextlib.suppress(DaemonUnavailable):
                asyncio.run(self._find())
                pid = self.daemon()
                if pid is not None:
                    return pid
        raise AssertionError("no daemon came up")

    def kill(self) -> bool:
        """Kill the daemon's process group; False when there is none."""
        pid = self.daemon()
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
            return True
        return False

    def deaths(self) -> float:
        """Return how many owners the unluckiest task has lost over one step; no end while nobody can tell."""
        try:
            with self.store() as store, store.database.read() as connection:
                return int(connection.scalar(select(func.coalesce(func.max(TASKS.c.tries), 0))))
        except StoreUnavailable:
            return math.inf

    def drain(self) -> None:
        """End the daemon once its workers have ended."""
        asyncio.run(launch.stop(self.state, drain=True))

    def stop(self) -> None:
        """End everything that was started here."""
        with contextlib.suppress(DaemonUnavailable):
            asyncio.run(launch.stop(self.state, drain=False))
        end = time.monotonic() + 20
        while (left := processes_with(str(self.state))) and time.monotonic() < end:
            time.sleep(0.05)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, f"still there after a stop: {left}"

    @contextlib.contextmanager
    def store(self) -> Any:
        """Open the tasks beside the daemon."""
        database = Database.open(self.database or self.state)
        try:
            yield TaskStore(database)
        finally:
            database.close()

    async def _hear(self, client: Client, task_id: str) -> None:
        heard = self.heard[task_id]
        async for item in client.events(task_id, after=len(heard)):
            self.items += 1
            if isinstance(item, Event):
                heard.append(item)

    async def _insist(self, wanted: Callable[[Client], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                async with Client(self._find) as client:
                    return await wanted(client)
            except RatchetError as error:
                if error.code not in _TRANSIENT or time.monotonic() > end:
                    raise
            await asyncio.sleep(_PAUSE)

    async def _find(self) -> Address:
        """Return the address of the daemon, started if there is none."""
        os.environ.update(self.environ)
        return await launch.ensure(self.state, _unheard)


def _unheard(_: str) -> None:
    pass
