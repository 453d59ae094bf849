"""A daemon killed at named calls loses nothing and does nothing twice."""

import time
from pathlib import Path

import pytest

from tests.kill.chains import CHAINS, CONTAINERS, DANGEROUS, Chain
from tests.kill.checks import faults
from tests.kill.leftovers import LIMIT, Leftovers
from tests.kill.repositories import UserRepository
from tests.kill.stage import Stage


def test_a_fix_outlives_a_kill_at_each_of_its_most_dangerous_calls(stage: Stage, tmp_path: Path) -> None:
    _run(DANGEROUS, stage, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", CHAINS)
def test_a_fix_outlives_a_kill_at_every_call_that_matters(
    either_stage: Stage, tmp_path: Path, name: str
) -> None:
    _run(CHAINS[name], either_stage, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", CONTAINERS)
def test_no_container_outlives_a_kill_for_long(stage: Stage, tmp_path: Path, name: str) -> None:
    _run(CONTAINERS[name], stage, tmp_path, docker=True)


def _run(chain: Chain, stage: Stage, folder: Path, *, docker: bool = False) -> None:
    repository = UserRepository(folder / "repository", chain.files, dirty=chain.dirty)
    stage.armed.add(*chain.triggers)
    with Leftovers(stage, docker=docker) as leftovers:
        task_id = stage.submit(repository.path, **chain.spec)
        stage.follow_family(task_id)
        left = _settled(stage, leftovers)
    _print(chain, stage, leftovers)
    assert not stage.armed.left()
    assert faults(stage, [repository]) == []
    assert not left
    assert leftovers.longest <= LIMIT, leftovers


def _settled(stage: Stage, leftovers: Leftovers) -> list[str]:
    """Return what is left of the dead once a daemon runs on for a while; the last may be about to die."""
    end = time.monotonic() + LIMIT
    while stage.armed.left() and time.monotonic() < end:
        stage.start()
        time.sleep(0.2)
    stage.start()
    return leftovers.wait()


def _print(chain: Chain, stage: Stage, leftovers: Leftovers) -> None:
    fired = stage.armed.fired()
    print()
    print(*(f"{'killed' if each in fired else 'NEVER '} {each}" for each in chain.triggers), sep="\n")
    print(f"{len(fired)} kills, {leftovers}")
    print("started:", *stage.armed.processes().values())
    for task_id, events in stage.heard.items():
        print(f"{task_id}:", *(type(event.body).__name__ for event in events))
