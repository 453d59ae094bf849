"""A process that shows tasks on their forge: `python -m agent.daemon.publisher_process --state DIR`."""

import argparse
import gc
import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import IO

from agent.config import load_user
from agent.daemon.pipes import end_with_daemon, obey, private_pipes
from agent.daemon.settings import publishers_folder
from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.publications import Publications
from agent.keys import KeyMissing, find_secret
from agent.protocol.errors import RatchetError, RepositoryError
from agent.protocol.state import TaskState
from agent.publishing.forges import Forges
from agent.publishing.publisher import Publisher, Tools
from agent.repo.forge.open import open_forge
from agent.repo.store import Store
from agent.sections import BotConfig
from agent.tasks.known_secrets import keys_of, secrets_of

_AT_ONCE = 3
"""Repositories: a large push to one must not keep the answers in the others waiting."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Show tasks until stdin says `stop`; its end kills this process."""
    parser = argparse.ArgumentParser(prog="ratchet publisher", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parsed = parser.parse_args(arguments)
    orders, reports = private_pipes()
    try:
        _serve(parsed.state, orders, reports)
    except RatchetError as error:
        print(f"{error.message} ({error.hint})", file=sys.stderr)  # noqa: T201  the daemon logs it
        return 1
    return 0


def _serve(state: Path, orders: int, reports: IO[bytes]) -> None:
    config = load_user().bot
    gc.freeze()
    url = os.environ.get("RATCHET_DATABASE_URL") or None
    database = Database.open(url or state)
    owners, stop = publishers_folder(state, url), threading.Event()
    tools = Tools(
        forges=Forges(partial(open_forge, config)),
        secrets=lambda task: frozenset(_secrets(config, task, state)),
        app=config.app,
        on_problem=partial(_say, reports),
    )
    with ExitStack() as stack:
        stack.callback(database.close)
        several = [_publisher(database, owners, tools, stack) for _ in range(_AT_ONCE)]

        def wake() -> None:
            for publisher in several:
                publisher.wake()

        def end() -> None:
            stop.set()
            wake()

        obey(orders, {"wake": wake, "drain": end, "stop": end})
        with ThreadPoolExecutor(len(several), "publisher") as threads:
            serving = [threads.submit(publisher.serve, stop) for publisher in several]
            wait(serving, return_when=FIRST_COMPLETED)
            # One that fails takes the process with it, which is then known to have been at that task.
            end()
        for one in serving:
            one.result()


def _publisher(database: Database, owners: Path, tools: Tools, stack: ExitStack) -> Publisher:
    owner = Owner(owners)
    stack.callback(owner.close)
    return Publisher(database, Publications(database, owners), owner, tools)


def _secrets(config: BotConfig, task: TaskState, state: Path) -> Iterator[str]:
    """Yield what must not be shown: our own keys, those of models, and what lies in the repository."""
    for reference in (config.token, config.private_key, *config.secrets):
        with suppress(KeyMissing):
            yield find_secret(reference, "[bot]")
    if task.spec is None:
        return
    yield from keys_of(task.spec.models)
    if task.snapshot is None:
        return
    trees = dict.fromkeys((task.snapshot.tree, task.head_tree or task.snapshot.tree))
    with suppress(RepositoryError):
        yield from secrets_of(Store.open(Path(task.spec.repository), state), trees)


def _say(reports: IO[bytes], problem: str) -> None:
    data = json.dumps({"problem": problem}).encode() + b"\n"
    try:
        while data:
            data = data[reports.write(data) or 0 :]
    except BrokenPipeError:
        end_with_daemon()


if __name__ == "__main__":
    sys.exit(main())
