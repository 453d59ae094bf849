"""A change that lies in no checkout, judged in a real sandbox: unsaved buffers, and a patch less a hunk."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.delivery import undo
from agent.repo.store import Store
from agent.tasks.run import RepairStory
from tests.e2e.conftest import CART, Repository
from tests.engine.rig import Deaf

FAILING = "test_cart.py::test_discount_is_taken_off"
COUNT = CART["cart.py"].replace("len(prices)", "len(list(prices))")
FIXED = COUNT.replace("amount + discount", "amount - discount")
WRONG = FIXED.replace("len(list(prices))", "len(list(prices)) + 1")


@pytest.fixture(autouse=True)
def _settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATCHET_CONFIG", "/nonexistent")


def _diff(cart: Repository, state_dir: Path, old: str, new: str) -> str:
    """Return the diff between two contents of cart.py."""
    before, after = (_tree(cart, state_dir, content) for content in (old, new))
    return Store.open(cart.path, state_dir).diff(before, after).diff


def _verified(state_dir: Path, tmp_path: Path, spec: TaskSpec) -> TaskState:
    """Run a task to its end, where environments are kept that other tests have built."""
    with closing(Database.open(tmp_path)) as database:
        store, owner = TaskStore(database), Owner(tmp_path / "owners")
        task_id = store.create(spec).task_id
        worker = Worker(database, Queue(database, tmp_path / "owners", Turns("here")), owner, Deaf())
        worker.run_next(RepairStory(state_dir), threading.Event())
        owner.close()
        return store.state(task_id)


def _tree(cart: Repository, state_dir: Path, content: str) -> str:
    store = Store.open(cart.path, state_dir)
    return store.write(store.snapshot(clean=True).tree, {"cart.py": content.encode()})


def test_unsaved_buffers_are_judged_on_top_of_the_working_tree(
    cart: Repository, state_dir: Path, tmp_path: Path
) -> None:
    cart.write({"cart.py": COUNT})
    diff = _diff(cart, state_dir, COUNT, FIXED)
    before = cart.fingerprint()
    spec = TaskSpec(kind=TaskKind.VERIFY, repository=str(cart.path), patch=diff, sandbox="bubblewrap")

    state = _verified(state_dir, tmp_path, spec)

    assert state.finished is not None and state.verdict is not None
    assert state.finished.outcome is Outcome.VERIFIED, state.finished
    assert state.verdict.fixed == (FAILING,)
    assert state.verdict.tree == _tree(cart, state_dir, FIXED)
    assert cart.fingerprint() == before


def test_a_patch_less_a_hunk_is_judged_as_the_tree_that_it_leads_to(
    cart: Repository, state_dir: Path, tmp_path: Path
) -> None:
    base = cart.git("rev-parse", "HEAD")
    diff = _diff(cart, state_dir, CART["cart.py"], WRONG)
    known = {"kind": TaskKind.VERIFY, "repository": str(cart.path), "sandbox": "bubblewrap"}
    spec = TaskSpec(**known, base=base, head=base, patch=diff)

    state = _verified(state_dir, tmp_path, spec)

    assert state.finished is not None and state.verdict is not None
    assert state.finished.outcome is Outcome.BROKEN, state.finished
    assert (state.verdict.fixed, state.verdict.broken) == ((FAILING,), ("test_cart.py::test_count",))
    assert state.verdict.tree == _tree(cart, state_dir, WRONG)


def test_a_proven_patch_is_merged_with_what_changed_meanwhile_once_that_was_measured_too(
    cart: Repository, state_dir: Path, tmp_path: Path
) -> None:
    base = cart.git("rev-parse", "HEAD")
    diff = _diff(cart, state_dir, CART["cart.py"], CART["cart.py"].replace("+ discount", "- discount"))
    cart.write({"cart.py": COUNT})
    known = {"kind": TaskKind.VERIFY, "repository": str(cart.path), "sandbox": "bubblewrap"}
    spec = TaskSpec(**known, base=base, head=base, patch=diff, apply=True, branch="mine/fix")

    state = _verified(state_dir, tmp_path, spec)

    assert state.finished is not None and state.delivered is not None
    assert state.finished.outcome is Outcome.VERIFIED, state.finished
    assert state.finished.reason.endswith("; on branch mine/fix and applied")
    assert (cart.path / "cart.py").read_text() == FIXED
    assert (
        cart.git("show", "mine/fix:cart.py") == CART["cart.py"].replace("+ discount", "- discount").rstrip()
    )
    undo(Store.open(cart.path, state_dir))
    assert (cart.path / "cart.py").read_text() == COUNT


def test_a_patch_that_breaks_something_goes_nowhere(
    cart: Repository, state_dir: Path, tmp_path: Path
) -> None:
    diff = _diff(cart, state_dir, CART["cart.py"], WRONG)
    before = cart.fingerprint()
    spec = TaskSpec(
        kind=TaskKind.VERIFY, repository=str(cart.path), patch=diff, sandbox="bubblewrap", apply=True
    )

    state = _verified(state_dir, tmp_path, spec)

    assert state.finished is not None and state.delivered is None
    assert state.finished.outcome is Outcome.BROKEN
    assert state.finished.reason.endswith("so it was put nowhere")
    assert cart.fingerprint() == before
