"""Several fixes at the same time, while something goes wrong at random moments."""

import random
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.kill.checks import faults
from tests.kill.leftovers import LIMIT, Leftovers
from tests.kill.repositories import PRICE, SECOND_FAILURE, UserRepository
from tests.kill.stage import Stage

KILLS = 12
"""In a round; it comes to an end by that on a busy machine, too."""
MOST_DEATHS = 3
"""Owners in a row that a task loses over one step; two more, and it is given up."""
_MOST_ITEMS = 16
"""Events and live updates between two strokes; a fix brings some thirty."""
_LOOK = 0.02
_AGAIN = 0.2


class Misfortune:
    """Strikes at random moments while its stage gets on; a context manager.

    Between two strokes lie a random number of things that followers hear, and then up to a second, so
    that on a quick machine as on a busy one every part of a fix is struck.
    """

    def __init__(self, stage: Stage, act: Callable[[], bool], chance: random.Random, *, most: int) -> None:
        self.done = 0
        """How often it struck."""
        self._stage = stage
        self._act = act
        self._chance = chance
        self._most = most
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._strike, name="misfortune")

    def __enter__(self) -> "Misfortune":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _strike(self) -> None:
        while self.done < self._most:
            due = self._stage.items + self._chance.randint(0, _MOST_ITEMS)
            moment = self._chance.uniform(0.0, 1.0)
            while self._stage.items < due:
                if self._over.wait(_LOOK):
                    return
            if self._over.wait(moment):
                return
            while not self._act():
                if self._over.wait(_AGAIN):
                    return
            self.done += 1


def kill_unless_often(stage: Stage) -> bool:
    """Kill the daemon; False when there is none, or when one more death could be blamed on a task."""
    return stage.daemon() is not None and stage.deaths() <= MOST_DEATHS and stage.kill()


def round_of_fixes(stage: Stage, folder: Path, *misfortunes: Misfortune, short: bool = False) -> str:
    """Bring some fixes home whatever happens meanwhile; returns the figures of the round."""
    folder.mkdir()
    repositories = [UserRepository(folder / "clean"), UserRepository(folder / "dirty", dirty=True)]
    if not short:
        repositories.append(UserRepository(folder / "groups", PRICE | SECOND_FAILURE))
    with Leftovers(stage) as leftovers:
        with ExitStack() as striking:
            for each in misfortunes:
                striking.enter_context(each)
            tasks = [stage.submit(one.path, apply=one.path.name == "dirty") for one in repositories]
            stage.follow_family(*tasks)
        stage.start()
        left = leftovers.wait()
    found = faults(stage, repositories)
    assert not found, "\n".join(found)
    assert not left, left
    assert leftovers.longest <= LIMIT, leftovers
    shutil.rmtree(folder)
    return f"{' and '.join(str(each.done) for each in misfortunes)} strokes, {leftovers}"
