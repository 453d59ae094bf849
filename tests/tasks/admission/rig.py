"""A forge with a repository and a pull request, and a worker on what it is asked for there."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.config import machine
from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.event import (
    Event,
)
from agent.protocol.forge import Happened, Trigger, Verb
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Decision, Rule, Subject
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.run import RepairStory
from tests.forge.fake import FakeForge
from tests.forge.repository import Repository

KINDS = {"fix": TaskKind.FIX, "do": TaskKind.DO, "verify": TaskKind.VERIFY, "stop": TaskKind.REPLY}
NO_WORK = Rule(subject=Subject.TOOL, pattern="*", decision=Decision.DENY, origin="user")
"""Ends a task where its work would begin, before any sandbox."""


@dataclass
class Rig:
    """A hosted repository with a pull request by ann, and a worker on a state directory."""

    forge: FakeForge
    shop: Repository
    state: Path
    database: Database
    owner: Owner
    number: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    stop_at: type | None = None
    said: list[str] = field(default_factory=list)

    @property
    def store(self) -> TaskStore:
        return TaskStore(self.database)

    def submit(self, verb: Verb = Verb.VERIFY, actor: str = "ann", **known: Any) -> str:
        """Submit what a comment asks for; what a trigger has among `known` is the trigger's."""
        told = {name: known.pop(name) for name in Trigger.model_fields if name in known}
        about = {"happened": Happened.COMMENT, "number": self.number, "repository": "acme/shop"}
        trigger = Trigger(verb=verb, actor=actor, **{**about, **told})
        usual = {"kind": KINDS[verb], "repository": "github:acme/shop", "policy": (NO_WORK,)}
        return self.store.create(TaskSpec(trigger=trigger, front_end="bot", **{**usual, **known})).task_id

    def work(self) -> None:
        """Run whatever can be run."""
        self.stop.clear()
        queue = Queue(self.database, self.state / "owners", Turns(machine=machine()))
        queue.recover()
        worker = Worker(self.database, queue, self.owner, self)
        while not self.stop.is_set() and worker.run_next(RepairStory(self.state), self.stop):
            pass

    def worked(self, verb: Verb = Verb.VERIFY, actor: str = "ann", **known: Any) -> TaskState:
        """Return a task that was submitted and worked on."""
        task_id = self.submit(verb, actor, **known)
        self.work()
        return self.store.state(task_id)

    def on_event(self, event: Event) -> None:
        if self.stop_at is not None and isinstance(event.body, self.stop_at):
            self.stop.set()

    def on_progress(self, task_id: str, update: Any) -> None:
        self.said.append(update.message)

    def asked(self, part: str) -> int:
        return sum(part in request.path for request in self.forge.requests)


def ended(state: TaskState) -> tuple[Outcome, str]:
    assert state.finished is not None
    return state.finished.outcome, state.finished.reason
