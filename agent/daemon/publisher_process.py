"""A process that shows tasks on their forge: `python -m agent.daemon.publisher_process --state DIR`."""

import argparse
import gc
import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
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
from agent.publishing.publisher import Publisher, Tools
from agent.repo.forge.open import open_forge
from agent.repo.store import Store
from agent.sections import BotConfig
from agent.tasks.known_secrets import keys_of, secrets_of


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
    owners = publishers_folder(state, url)
    owner, stop = Owner(owners), threading.Event()
    tools = Tools(
        open_forge=partial(open_forge, config),
        secrets=lambda task: frozenset(_secrets(config, task, state)),
        app=config.app,
        on_problem=partial(_say, reports),
    )
    publisher = Publisher(database, Publications(database, owners), owner, tools)

    def end() -> None:
        stop.set()
        publisher.wake()

    obey(orders, {"wake": publisher.wake, "drain": end, "stop": end})
    try:
        publisher.serve(stop)
    finally:
        owner.close()
        database.close()


def _secrets(config: BotConfig, task: TaskState, state: Path) -> Iterator[str]:
    """Yield what must not be shown: our own keys, those of models, and what lies in the repository."""
    for reference in (config.token, config.private_key, *config.secrets):
        with suppress(KeyMissing):
            yield find_secret(reference, "[bot]")
    if task.spec is None or task.snapshot is None:
        return
    yield from keys_of(task.spec.models)
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
