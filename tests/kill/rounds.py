"""Several fixes at the same time, while something goes wrong at random moments."""

import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from tests.kill.checks import faults
from tests.kill.leftovers import LIMIT, Leftovers
from tests.kill.repositories import PRICE, SECOND_FAILURE, UserRepository
from tests.kill.stage import Stage

MOST_KILLS = 5
"""A task that gets nowhere in between outlives no more."""


class Misfortune:
    """Does something at random moments, each up to `seconds` after the last; a context manager."""

    def __init__(self, act: Callable[[], bool], chance: random.Random, *, most: int, seconds: float) -> None:
        self.done = 0
        """How often it was done."""
        self._act = act
        self._chance = chance
        self._most = most
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._strike, name="misfortune")

    def __enter__(self) -> "Misfortune":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _strike(self) -> None:
        while self.done < self._most and not self._over.wait(self._chance.uniform(0.0, self._seconds)):
            while not self._act():
                if self._over.wait(0.02):
                    return
            self.done += 1


def round_of_fixes(stage: Stage, folder: Path, *misfortunes: Misfortune) -> str:
    """Bring three fixes home whatever happens meanwhile; returns the figures of the round."""
    folder.mkdir()
    repositories = [
        UserRepository(folder / "clean"),
        UserRepository(folder / "dirty", dirty=True),
        UserRepository(folder / "groups", PRICE | SECOND_FAILURE),
    ]
    with Leftovers(stage) as leftovers:
        for each in misfortunes:
            each.__enter__()
        tasks = [stage.submit(one.path, apply=one.path.name == "dirty") for one in repositories]
        stage.follow_family(*tasks)
        for each in misfortunes:
            each.__exit__()
        stage.start()
        left = leftovers.wait()
    assert faults(stage, repositories) == []
    assert not left
    assert leftovers.longest <= LIMIT
    shutil.rmtree(folder)
    return f"{' and '.join(str(each.done) for each in misfortunes)} strokes, {leftovers}"
