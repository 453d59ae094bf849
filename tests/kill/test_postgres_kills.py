"""On PostgreSQL, with three workers: killed daemons and a server that crashes lose nothing either."""

import os
import random
import time
from functools import partial
from pathlib import Path

import pytest

from tests.kill.conftest import MakeStage
from tests.kill.rounds import KILLS, Misfortune, kill_unless_often, round_of_fixes
from tests.kill.stage import Stage
from tests.postgres import Cluster


@pytest.mark.long
def test_fixes_outlive_kills_and_a_crash_of_the_server(
    make_stage: MakeStage, cluster: Cluster, postgres_url: str, tmp_path: Path
) -> None:
    stage = make_stage(postgres_url, workers=3)
    _rounds(stage, cluster, tmp_path, kills=1, most=2, crashes=1, short=True)


@pytest.mark.long
def test_fixes_outlive_two_hundred_kills_while_the_server_crashes_again_and_again(
    make_stage: MakeStage, cluster: Cluster, postgres_url: str, tmp_path: Path
) -> None:
    wanted = int(os.environ.get("RATCHET_RANDOM_KILLS", "200"))
    stage = make_stage(postgres_url, workers=3)
    _rounds(stage, cluster, tmp_path, kills=wanted, most=KILLS, crashes=2)


def _rounds(
    stage: Stage,
    cluster: Cluster,
    folder: Path,
    *,
    kills: int,
    most: int,
    crashes: int,
    short: bool = False,
) -> None:
    seed = int(os.environ.get("RATCHET_SEED", "0")) or random.SystemRandom().randrange(10**9)
    began, killed, crashed, rounds = time.monotonic(), 0, 0, 0
    while killed < kills or crashed < crashes:
        one, other = random.Random(seed + rounds), random.Random(-seed - rounds - 1)
        kill = Misfortune(stage, partial(kill_unless_often, stage), one, most=most)
        crash = Misfortune(stage, lambda: _crash(cluster), other, most=crashes)
        figures = round_of_fixes(stage, folder / f"round-{rounds}", kill, crash, short=short)
        print(f"\nseed {seed + rounds}: {figures}", flush=True)
        killed, crashed, rounds = killed + kill.done, crashed + crash.done, rounds + 1
    print(f"{killed} kills and {crashed} crashes of the server, {time.monotonic() - began:.0f} s")


def _crash(cluster: Cluster) -> bool:
    """Have the server end as in a power cut, and come back a moment later."""
    cluster.stop("immediate")
    time.sleep(1.0)
    cluster.start()
    return True
