"""Delivers a proven patch in processes that are killed or stopped at a chosen moment.

Run as `python -m tests.tasks.deliveries`: reads a request a line, forks for each, and answers with how
the fork ended. What the engine, the tasks and the repository are asked to do is counted call by call.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.check import Check, CheckKind, Run, RunEnd, TestResult, TestStatus
from agent.protocol.edit import Splice
from agent.protocol.event import (
    BaselineMeasured,
    Body,
    EditsApplied,
    Event,
    LocationsRanked,
    ProposalMade,
    SandboxInForce,
    SnapshotTaken,
    VerdictReached,
)
from agent.protocol.proposal import Proposal
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Scope, Verdict
from agent.repo.store import Store
from agent.tasks.run import RepairStory

FAILED = TestResult(id="test_a.py::test_a", status=TestStatus.FAILED)
COUNTED = ("agent/repo/", "agent/engine/outbox.py", "agent/engine/store.py", "agent/tasks/deliver_step.py")
BOTH = Splice(path="a.py", start=4, old=b"two", new=b"TWO"), Splice(path="b.py", start=0, old=b"x", new=b"y")


def measured(*tests: TestResult) -> BaselineMeasured:
    """Return the measurement of a base on which these tests fail."""
    return BaselineMeasured(
        checks=(Check(name="pytest", kind=CheckKind.PYTEST),),
        environment="e",
        sandbox=SandboxInForce(kind="bubblewrap", image=""),
        runs=(Run(check="pytest", end=RunEnd.COMPLETE, tests=tests),),
    )


def prepare(repository: Path, state: Path, *, facts: BaselineMeasured | None = None, **more: Any) -> str:
    """Record a task whose patch of two files is proven and not delivered yet; returns its id.

    With `facts` it is measured only.
    """
    known = {"kind": TaskKind.FIX, "repository": str(repository), "tests": (FAILED.id,), "apply": True}
    store = Store.open(repository, state)
    base = store.snapshot()
    begun: list[tuple[str, Body]] = [
        ("snapshot", SnapshotTaken(snapshot=base)),
        ("reproduce", facts or measured(FAILED)),
    ]
    proven = _proven(store, base.tree) if facts is None else []
    with closing(Database.open(state)) as database:
        return TaskStore(database).create(TaskSpec(**{**known, **more}), facts=[*begun, *proven]).task_id


def _proven(store: Store, base: str) -> list[tuple[str, Body]]:
    patch = store.diff(base, store.apply(base, BOTH))
    proposal = Proposal(planner="search", edits=BOTH, rationale="Both were wrong.", cursor=9)
    verdict = Verdict(tree=patch.tree, scope=Scope.FULL, fixed=(FAILED.id,))
    return [
        ("localize", LocationsRanked(suspects=())),
        ("propose:1", ProposalMade(proposal=proposal)),
        ("apply:1", EditsApplied(patch=patch)),
        ("verify:1", VerdictReached(verdict=verdict)),
    ]


class Silent:
    """A listener that does not care."""

    def on_event(self, event: Event) -> None:
        """Ignore it."""

    def on_progress(self, task_id: str, update: object) -> None:
        """Ignore it."""


def deliver(state: Path) -> None:
    """Take whatever can be taken to its end."""
    with closing(Database.open(state)) as database, closing(Owner(state / "owners")) as owner:
        TaskStore(database).rebuild()
        queue = Queue(database, state / "owners", Turns(machine="here"))
        queue.recover()
        worker = Worker(database, queue, owner, Silent())
        while worker.run_next(RepairStory(state), threading.Event()):
            pass


@contextmanager
def stricken(at: int | None, signal_number: int) -> Iterator[list[int]]:
    """Send this process a signal at the n-th counted call; yields the count."""
    count = [0]

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and any(part in frame.f_code.co_filename for part in COUNTED):
            count[0] += 1
            if count[0] == at:
                os.kill(os.getpid(), signal_number)

    sys.setprofile(look)
    try:
        yield count
    finally:
        sys.setprofile(None)


@dataclass
class Deliverer:
    """The process that forks, seen from a test."""

    process: "subprocess.Popen[str]"

    def ask(self, state: Path, at: int | None = None, *, stop: bool = False) -> dict[str, int]:
        """Deliver in a fork: killed, or stopped and left alone, at the n-th call."""
        assert self.process.stdin is not None and self.process.stdout is not None
        request = {"state": str(state), "at": at, "stop": stop}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: dict[str, int] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def deliverer() -> Iterator[Deliverer]:
    """Start the process that forks."""
    command = [sys.executable, "-m", "tests.tasks.deliveries"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        yield Deliverer(process)
        assert process.stdin is not None
        process.stdin.close()


def _child(request: dict[str, Any], results: int) -> None:
    with stricken(request["at"], signal.SIGSTOP if request["stop"] else signal.SIGKILL) as count:
        deliver(Path(request["state"]))
    os.write(results, str(count[0]).encode())


def _serve() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _child(request, writer)
            finally:
                os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, os.WUNTRACED if request["stop"] else 0)
        stopped = os.WIFSTOPPED(status)
        calls = 0 if stopped else int(os.read(reader, 20) or 0)
        os.close(reader)
        killed = int(os.WIFSIGNALED(status))
        print(
            json.dumps({"pid": child, "killed": killed, "stopped": int(stopped), "calls": calls}), flush=True
        )


if __name__ == "__main__":
    _serve()
