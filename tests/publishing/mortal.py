"""A publisher in a process of its own that kills itself at a chosen moment."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any

from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.outbox import Outbox
from agent.engine.publications import Publications
from agent.publishing.forges import Forges
from agent.publishing.publisher import Publisher, Tools
from agent.repo.forge.github.api import Api
from agent.repo.forge.open import open_forge
from agent.repo.mirror import Mirror
from agent.sections import BotConfig

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.publishing.mortal", "agent.repo.forge.github.github"])
CALLS: Mapping[str, tuple[type, str, bool]] = {
    "intended": (Outbox, "_intend", True),
    "about to be made": (Outbox, "check_fence", True),
    "asked": (Api, "send", True),
    "pushed": (Mirror, "push", True),
    "about to be recorded": (Outbox, "_record", False),
    "recorded": (Outbox, "_record", True),
    "shown": (Publications, "shown", False),
}
"""Moments: the call, and whether it is the one after it."""


@dataclass(frozen=True, slots=True)
class Death:
    """The moment at which a publisher dies: when it comes to it for the nth time."""

    moment: str
    nth: int


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a publisher works."""

    place: Path | str
    owners: Path
    config: BotConfig
    environ: Mapping[str, str]


def publish(seat: Seat, death: Death | None = None, at_once: int = 1) -> list[int | None]:
    """Let publishers show all that is due, one of them mortal; returns how they ended."""
    deaths = [death, *([None] * (at_once - 1))]
    processes = [_PROCESSES.Process(target=_work, args=(seat, each), daemon=True) for each in deaths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def _work(seat: Seat, death: Death | None) -> None:
    os.environ.update(seat.environ)
    if death is not None:
        holder, name, is_after = CALLS[death.moment]
        setattr(holder, name, _deadly(getattr(holder, name), death.nth, is_after=is_after))
    database = Database.open(seat.place)
    publications, owner = Publications(database, seat.owners), Owner(seat.owners)
    publications.recover()
    forges = Forges(partial(open_forge, seat.config))
    tools = Tools(forges=forges, secrets=lambda _: frozenset(), app=seat.config.app)
    publisher, stop = Publisher(database, publications, owner, tools), threading.Event()
    while publisher.show_next(stop):
        pass
    owner.close()
    database.close()


def _deadly(function: Callable[..., Any], nth: int, *, is_after: bool) -> Callable[..., Any]:
    left = nth

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return called
