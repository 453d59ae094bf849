"""On PostgreSQL, with three workers: killed daemons and a server that crashes lose nothing either."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.conftest import MakeStage
from tests.kill.rounds import MOST_KILLS, Misfortune, round_of_fixes
from tests.postgres import Cluster, running_cluster


@pytest.fixture
def durable() -> Iterator[Cluster]:
    """Return a server that keeps what it confirmed when it crashes."""
    with running_cluster(durable=True) as cluster:
        yield cluster


def test_fixes_outlive_kills_and_a_crash_of_the_server(
    make_stage: MakeStage, durable: Cluster, tmp_path: Path
) -> None:
    _rounds(make_stage, durable, tmp_path, kills=1, most=2, crashes=1)


@pytest.mark.long
def test_fixes_outlive_fifty_kills_while_the_server_crashes_again_and_again(
    make_stage: MakeStage, durable: Cluster, tmp_path: Path
) -> None:
    _rounds(make_stage, durable, tmp_path, kills=50, most=MOST_KILLS, crashes=2)


def _rounds(
    make_stage: MakeStage, cluster: Cluster, folder: Path, *, kills: int, most: int, crashes: int
) -> None:
    stage = make_stage(cluster.create("tasks"), workers=3)
    seed = int(os.environ.get("RATCHET_SEED", "0")) or random.SystemRandom().randrange(10**9)
    began, killed, crashed, rounds = time.monotonic(), 0, 0, 0
    while killed < kills or crashed < crashes:
        one, other = random.Random(seed + rounds), random.Random(-seed - rounds - 1)
        kill = Misfortune(stage, stage.kill, one, most=most)
        crash = Misfortune(stage, lambda: _crash(cluster), other, most=crashes)
        print(f"\nseed {seed + rounds}:", round_of_fixes(stage, folder / f"round-{rounds}", kill, crash))
        killed, crashed, rounds = killed + kill.done, crashed + crash.done, rounds + 1
    print(f"{killed} kills and {crashed} crashes of the server, {time.monotonic() - began:.0f} s")


def _crash(cluster: Cluster) -> bool:
    """Have the server end as in a power cut, and come back a moment later."""
    cluster.stop("immediate")
    time.sleep(1.0)
    cluster.start()
    return True
