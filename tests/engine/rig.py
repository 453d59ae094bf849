"""A database with everything around it, and real processes that work on its tasks."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from agent.engine.catalog import Catalog
from agent.engine.control import Control
from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.pace import Pace
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.event import Event
from agent.protocol.task import TaskKind, TaskSpec
from tests.engine.stories import Proposals, wait_until

SWIFT = Pace(poll=0.05, renew=0.3, look=0.2, silent=3.0)
USUAL = Pace()
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.engine.rig"])


class Deaf:
    """Listens to nothing."""

    def on_event(self, event: Event) -> None:
        """Ignore it."""

    def on_progress(self, task_id: str, update: object) -> None:
        """Ignore it."""


class Rig:
    """What a test of the engine works with; the folder is one machine's."""

    def __init__(self, place: Path | str, folder: Path) -> None:
        self.place = place
        self.folder = folder
        self.owners = folder / "owners"
        self.journal = folder / "journal"
        self.database = Database.open(place)
        self.store = TaskStore(self.database)
        self.control = Control(self.store)
        self.catalog = Catalog(self.database)
        self._running: list[ForkServerProcess] = []
        self._held: list[Owner] = []

    def submit(
        self, command: str | None = None, *, steps: int = 1, repository: str = "/r", **more: Any
    ) -> str:
        """Create a task of so many proposals and return its id."""
        spec = TaskSpec(kind=TaskKind.FIX, repository=repository, command=command, seed=steps, **more)
        return self.store.create(spec).task_id

    def queue(self, *, machine: str = "here", pace: Pace = SWIFT, **turns: Any) -> Queue:
        """Return a queue of this machine."""
        return Queue(self.database, self.owners, Turns(machine, **turns), pace)

    def owner(self) -> Owner:
        """Return an owner in this very process."""
        self._held.append(Owner(self.owners))
        return self._held[-1]

    def run_all(self, **turns: Any) -> int:
        """Run the tasks that wait, in this process; returns how many turns that took."""
        owner = Owner(self.owners)
        worker = Worker(self.database, self.queue(**turns), owner, Deaf())
        stop, count = threading.Event(), 0
        while worker.run_next(Proposals(self.journal), stop):
            count += 1
        owner.close()
        return count

    def start(self, *, owners: Path | None = None, pace: Pace = SWIFT, **turns: Any) -> ForkServerProcess:
        """Start a process that works until it is killed or terminated."""
        chosen = Turns(turns.pop("machine", "here"), **turns)
        arguments = (self.place, owners or self.owners, self.journal, chosen, pace)
        process = _PROCESSES.Process(target=work, args=arguments, daemon=True)
        process.start()
        self._running.append(process)
        return process

    def run(self) -> list[str]:
        """Return the lines of the journal: `task step pid` for each run of a step."""
        return self.journal.read_text().splitlines() if self.journal.exists() else []

    def times_run(self, task_id: str, step_key: str) -> int:
        """Return how often a step was begun."""
        return sum(line.startswith(f"{task_id} {step_key} ") for line in self.run())

    def steps(self, task_id: str) -> list[str]:
        """Return the keys of a task's events."""
        return [event.step_key for event in self.store.events(task_id)]

    def is_finished(self, *task_ids: str) -> bool:
        """Say whether all these tasks have ended."""
        return all(self.store.state(task_id).finished for task_id in task_ids)

    def wait_for(self, *task_ids: str, seconds: float = 90.0) -> None:
        """Wait until these tasks have ended."""
        wait_until(lambda: self.is_finished(*task_ids), seconds)

    def close(self) -> None:
        """Kill what still runs."""
        for process in self._running:
            process.kill()
            process.join()
        for owner in self._held:
            owner.close()
        self.database.close()


def work(place: Path | str, owners: Path, journal: Path, turns: Turns, pace: Pace) -> None:
    """Serve in this process until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    database = Database.open(place)
    owner = Owner(owners)
    Worker(database, Queue(database, owners, turns, pace), owner, Deaf()).serve(Proposals(journal), stop)
    owner.close()
    database.close()


def is_stopped(process: ForkServerProcess) -> bool:
    """Say whether a process is stopped, as by SIGSTOP."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def go_on(process: ForkServerProcess) -> None:
    """Continue a stopped process."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGCONT)
