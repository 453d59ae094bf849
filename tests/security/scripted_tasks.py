"""Tasks of scripted models, run in this process by the real engine, in real sandboxes, over real HTTP."""

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.models.server.script import Asked, Script
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.event import Event, TaskFinished
from agent.protocol.model import EditFormat, ModelProfile
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.run import RepairStory

KEY = "RATCHET_TEST_MODEL_KEY"
"""Environment variable of the model's key."""
VERIFIED = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)


@dataclass(frozen=True, slots=True)
class Ended:
    """A task that ended by itself, and everything that was said in it."""

    state: TaskState
    events: tuple[Event, ...]
    requests: tuple[Asked, ...]
    stored: bytes
    """The bytes of the database."""

    @property
    def finished(self) -> TaskFinished:
        """Return how it ended."""
        assert self.state.finished is not None
        return self.state.finished

    @property
    def is_verified(self) -> bool:
        """Say whether the harness calls the change proven."""
        return self.finished.outcome in VERIFIED

    @property
    def refusals(self) -> list[str]:
        """Return what tools said when they refused a call."""
        return [use.result for turn in self.state.turns for use in turn.uses if use.refused]


class Workplace:
    """A state directory that outlives the run, and a folder for the databases of its tasks."""

    def __init__(self, state: Path, folder: Path) -> None:
        self._state = state
        self._folder = folder
        self._ran = 0

    def run(self, repository: Path, script: Script, kind: TaskKind, **spec: Any) -> Ended:
        """Run one task to its end and return what happened."""
        self._ran += 1
        folder = self._folder / f"tasks-{self._ran}"
        with (
            ScriptedServer(script) as server,
            closing(Database.open(folder)) as database,
            closing(Owner(folder / "owners")) as owner,
        ):
            known = {"kind": kind, "repository": str(repository), **_models(server.base_url), **spec}
            store = TaskStore(database)
            task_id = store.create(TaskSpec(**known)).task_id
            queue = Queue(database, folder / "owners", Turns(machine="here"))
            worker = Worker(database, queue, owner, _Deaf())
            stop = threading.Event()
            while store.state(task_id).finished is None:
                assert worker.run_next(RepairStory(self._state), stop), store.state(task_id)
            events = tuple(store.events(task_id))
            state = store.state(task_id)
            requests = tuple(server.requests)
        stored = b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
        return Ended(state, events, requests, stored)


class _Deaf:
    """Whoever listens to the worker."""

    def on_event(self, event: Event) -> None:
        """Hear nothing."""

    def on_progress(self, task_id: str, update: object) -> None:
        """See nothing."""


def _models(base_url: str) -> Mapping[str, Any]:
    profile = ModelProfile(
        name="scripted",
        base_url=base_url,
        model="scripted",
        key=f"env:{KEY}",
        context=120_000,
        edit_format=EditFormat.SEARCH_REPLACE,
    )
    return {"planner": "scripted", "stages": ("scripted",), "models": (profile,), "sandbox": "bubblewrap"}
