"""A process that runs the steps of tasks: `python -m agent.daemon.worker_process --state DIR`."""

import argparse
import gc
import importlib
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.daemon.announcer import AnnouncedStory, Announcer
from agent.daemon.pipes import end_with_daemon, obey, private_pipes
from agent.daemon.settings import owners_folder
from agent.engine.database import Database
from agent.engine.lease import Lease, Owner
from agent.engine.queue import Queue
from agent.engine.story import Story
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.errors import RatchetError, UsageError


class _DrainableQueue(Queue):
    """A queue that hands out nothing more once `drained` is set, and stops its worker instead."""

    drained: threading.Event
    stop: threading.Event

    def claim(self, owner: Owner) -> Lease | None:
        """Take the task whose turn it is; None when there is none, or none is wanted any more."""
        if self.drained.is_set():
            self.stop.set()
            return None
        return super().claim(owner)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run steps until stdin says `stop` or `drain`; its end kills this process and its children."""
    parsed = _parser().parse_args(arguments)
    orders, reports = private_pipes()
    try:
        _serve(parsed, orders, Announcer(reports, end_with_daemon))
    except RatchetError as error:
        print(f"{error.message} ({error.hint})", file=sys.stderr)  # noqa: T201  the daemon logs it
        return 1
    return 0


def _serve(parsed: argparse.Namespace, orders: int, announcer: Announcer) -> None:
    story = load_story(parsed.story, parsed.state)
    # What is imported stays: to look through it for garbage takes longer than many a step.
    gc.freeze()
    url = os.environ.get("RATCHET_DATABASE_URL") or None
    database = Database.open(url or parsed.state)
    owners = owners_folder(parsed.state, url)
    turns = Turns(parsed.machine, per_repository=parsed.per_repository)
    queue = _DrainableQueue(database, owners, turns)
    queue.drained, queue.stop = threading.Event(), threading.Event()
    owner = Owner(owners)
    worker = Worker(database, queue, owner, announcer)
    _obey(orders, worker, queue)
    try:
        worker.serve(AnnouncedStory(story, announcer), queue.stop)
    finally:
        owner.close()
        database.close()


def load_story(path: str, state: Path) -> Story:
    """Make the story that `module:NAME` makes for a state directory; raises UsageError."""
    module, _, name = path.partition(":")
    try:
        factory: Callable[[Path], Story] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"--story {path!r} cannot be imported: {error}") from error
    return factory(state)


def _obey(orders: int, worker: Worker, queue: _DrainableQueue) -> None:
    def stop() -> None:
        queue.stop.set()
        worker.wake()

    def drain() -> None:
        queue.drained.set()
        worker.wake()

    obey(orders, {"wake": worker.wake, "drain": drain, "stop": stop})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ratchet worker", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--story", required=True)
    parser.add_argument("--machine", required=True)
    parser.add_argument("--per-repository", type=int, default=2)
    return parser


if __name__ == "__main__":
    sys.exit(main())
