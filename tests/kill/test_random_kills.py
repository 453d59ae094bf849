"""A daemon killed at any moment loses nothing and does nothing twice."""

import os
import random
import time
from functools import partial
from pathlib import Path

import pytest

from tests.kill.rounds import KILLS, Misfortune, kill_unless_often, round_of_fixes
from tests.kill.stage import Stage


@pytest.mark.long
def test_fixes_outlive_kills_at_two_hundred_random_times(stage: Stage, tmp_path: Path) -> None:
    wanted, seed = int(os.environ.get("RATCHET_RANDOM_KILLS", "200")), _seed()
    began, kills, rounds = time.monotonic(), 0, 0
    while kills < wanted:
        kills += _round(stage, tmp_path, seed + rounds)
        rounds += 1
    print(f"{kills} kills in {rounds} rounds of four tasks, {time.monotonic() - began:.0f} s")


def _seed() -> int:
    seed = int(os.environ.get("RATCHET_SEED", "0")) or random.SystemRandom().randrange(10**9)
    print(f"\nRATCHET_SEED={seed}")
    return seed


def _round(stage: Stage, folder: Path, seed: int) -> int:
    """Return how often the daemon was killed on the way."""
    kills = Misfortune(stage, partial(kill_unless_often, stage), random.Random(seed), most=KILLS)
    figures = round_of_fixes(stage, folder / f"round-{seed}", kills)
    print(f"seed {seed}: {figures}", flush=True)
    return kills.done
