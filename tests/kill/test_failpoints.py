"""A daemon killed at named calls loses nothing and does nothing twice."""

from pathlib import Path

from tests.kill.chains import DANGEROUS, Chain
from tests.kill.checks import faults
from tests.kill.leftovers import LIMIT, Leftovers
from tests.kill.repositories import UserRepository
from tests.kill.stage import Stage


def test_a_fix_outlives_a_kill_at_each_of_its_most_dangerous_calls(stage: Stage, tmp_path: Path) -> None:
    _run(DANGEROUS, stage, tmp_path)


def _run(chain: Chain, stage: Stage, folder: Path) -> None:
    repository = UserRepository(folder / "repository", dirty=chain.dirty)
    stage.armed.add(*chain.triggers)
    with Leftovers(stage) as leftovers:
        task_id = stage.submit(repository.path, **chain.spec)
        stage.follow(task_id)
        left = leftovers.wait()
    fired = stage.armed.fired()
    print(*(f"{'killed' if each in fired else 'NEVER '} {each}" for each in chain.triggers), sep="\n")
    print(f"{len(fired)} kills, at most {leftovers.most} things left, for {leftovers.longest:.1f} s")
    assert not stage.armed.left()
    assert faults(stage, [repository]) == []
    assert not left
    assert leftovers.longest <= LIMIT
