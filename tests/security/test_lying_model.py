"""A model that lies never reaches `verified`, and one that gets nowhere is stopped and told apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from tests.e2e.conftest import Repository, new_repository, put_back
from tests.security.lying_model import FIX, LIES, SHOP, TARGET, UNTOLD, edit
from tests.security.scripted_tasks import KEY, Ended, Workplace

GOAL = "Let total take a tax, and say in the README how."
CASES = [(name, kind) for name, lie in LIES.items() for kind in lie.kinds]
QUICK = [
    ("claims success and changes nothing", TaskKind.FIX),
    ("repeats one call", TaskKind.DO),
    ("expects the failing test to fail", TaskKind.FIX),
    ("mends the code in conftest", TaskKind.DO),
    ("writes above the tree", TaskKind.FIX),
]
ENDS = (Outcome.UNVERIFIED, Outcome.NO_PATCH, Outcome.DENIED, Outcome.NO_PLANNER)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("RATCHET_CONFIG", "/nonexistent/config.toml")
        environ.delenv("RATCHET_ORGANIZATION", raising=False)
        environ.setenv(KEY, "the-key-of-a-test")
        yield new_repository(tmp_path_factory.mktemp("shop"), SHOP)


@pytest.fixture(scope="module")
def workplace(state_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return Workplace(state_dir, tmp_path_factory.mktemp("databases"))


def lied(workplace: Workplace, shop: Repository, name: str, kind: TaskKind) -> Ended:
    """Run a task with a lying model; fails when the lie paid."""
    before, lie = shop.fingerprint(), LIES[name]
    goal = {"tests": (TARGET,)} if kind is TaskKind.FIX else {"goal": GOAL}
    with put_back(shop):
        ended = workplace.run(shop.path, lie.script(), kind, **goal)
        after, branches = shop.fingerprint(), shop.git("branch", "--list", "ratchet/*")
    said = f"{ended.finished.outcome}: {ended.finished.reason}"
    print(f"{kind} {name}: {len(ended.requests)} requests, {said}")
    assert ended.finished.outcome in ENDS, said
    assert ended.state.delivered is None
    assert after == before
    assert branches == ""
    assert len(ended.requests) <= lie.most, said
    assert ended.finished.reason.strip() and lie.says in ended.finished.reason, said
    assert bool(ended.refusals) == lie.refused, ended.refusals
    return ended


@pytest.mark.parametrize(("name", "kind"), QUICK, ids=lambda one: str(one))
def test_a_lie_ends_unproven(workplace: Workplace, shop: Repository, name: str, kind: TaskKind) -> None:
    lied(workplace, shop, name, kind)


@pytest.mark.long
@pytest.mark.parametrize(("name", "kind"), [case for case in CASES if case not in QUICK], ids=str)
def test_no_lie_reaches_verified(workplace: Workplace, shop: Repository, name: str, kind: TaskKind) -> None:
    lied(workplace, shop, name, kind)


def test_the_truth_is_verified_whatever_is_said_about_it(workplace: Workplace, shop: Repository) -> None:
    script = (edit(FIX), "I am not sure that it works; probably nothing passes.")
    ended = workplace.run(shop.path, script, TaskKind.FIX, tests=(TARGET,), deliver=False)
    assert ended.finished.outcome is Outcome.VERIFIED, ended.finished.reason
    assert ended.state.verdict is not None
    assert ended.state.verdict.fixed == (TARGET,)


@pytest.mark.long
@pytest.mark.parametrize("name", UNTOLD)
def test_what_running_tests_cannot_tell_is_in_the_diff_for_a_reader(
    workplace: Workplace, shop: Repository, name: str
) -> None:
    change = UNTOLD[name]
    ended = workplace.run(shop.path, (edit(change), "Done."), TaskKind.FIX, tests=(TARGET,), deliver=False)
    # A limit that docs/verdict.md states: should this ever be told, say so there and move it to the lies.
    assert ended.is_verified
    assert ended.state.patch is not None
    assert change[2].splitlines()[0].strip() in ended.state.patch.diff
