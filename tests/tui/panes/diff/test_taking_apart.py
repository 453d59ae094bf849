"""A patch with a good and a bad hunk, taken apart, proven and applied by keys, on a real daemon."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from agent.client import registration
from agent.client.client import Client
from agent.client.launch import finder
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.delivery import undo
from agent.repo.store import Store
from tests.client.conftest import end
from tests.e2e.conftest import Repository, new_repository, share_caches
from tests.tui.panes.diff.screen import banner, opened, until
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.messages import OpenTask
from tui.panes.diff.pane import DiffPane

_BETWEEN = "".join(f"\n\ndef page_{number}():\n    return {number}\n" for number in range(4))
_SHOP = (
    f"def total(price, discount):\n    return price + discount\n{_BETWEEN}\n\n"
    "def count(items):\n    return len(items)\n"
)
_GOOD = _SHOP.replace("price + discount", "price - discount")
_BAD = _GOOD.replace("len(items)", "len(items) + 1")
_TESTS = (
    "from shop import count, total\n\n\ndef test_total():\n    assert total(10, 3) == 7\n\n\n"
    "def test_count():\n    assert count([1, 2]) == 2\n"
)


@pytest.fixture
def state(
    tmp_path: Path, state_dir: Path, base_root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Where a daemon of this test's own keeps its tasks."""
    own = tmp_path / "state"
    own.mkdir()
    share_caches(state_dir, own)
    monkeypatch.setenv("RATCHET_STATE_DIR", str(own))
    monkeypatch.setenv("RATCHET_CONFIG", "/nonexistent")
    yield own
    written = registration.read(own)
    if written is not None:
        end(written.pid)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    (tmp_path / "shop").mkdir()
    return new_repository(tmp_path / "shop", {"shop.py": _SHOP, "test_shop.py": _TESTS})


def app_of(state: Path, shop: Repository) -> RatchetApp:
    def make(app: RatchetApp) -> Desk:
        told, client = Told(app), Client(finder(state, lambda _: None, "tui"))
        return Desk(told, DaemonFeed(client, told), client, shop.path, shop.path)

    return RatchetApp(lambda: make)


def two_hunks(shop: Repository) -> TaskSpec:
    """Return a task about a patch that mends one function and breaks another."""
    shop.write({"shop.py": _BAD})
    patch, head = f"{shop.git('diff')}\n", shop.git("rev-parse", "HEAD")
    shop.write({"shop.py": _SHOP})
    known = {"kind": TaskKind.VERIFY, "repository": str(shop.path), "sandbox": "bubblewrap"}
    return TaskSpec(**known, base=head, head=head, patch=patch)


async def begin(pilot: Pilot[None], app: RatchetApp, spec: TaskSpec) -> None:
    await until(pilot, lambda: app.desk is not None)
    assert app.desk is not None and app.desk.client is not None
    view = await app.desk.client.create(spec)
    app.post_message(OpenTask(view.summary.task_id, "diff"))
    await opened(pilot)


@pytest.mark.long
def test_what_is_left_without_the_bad_hunk_is_proven_applied_and_committed(
    state: Path, shop: Repository
) -> None:
    async def doing() -> None:
        app = app_of(state, shop)
        async with app.run_test(size=(100, 40)) as pilot:
            await begin(pilot, app, two_hunks(shop))
            await until(pilot, lambda: "not proven (broken)" in banner(app), 240)
            await pilot.press("n", "space")
            assert "! unverified: 1 of 2 hunks is dropped" in banner(app)
            await pilot.press("v")
            await until(pilot, lambda: "measuring the 1 kept of 2 hunks" in banner(app))
            await until(pilot, lambda: "✓ proven by task" in banner(app), 240)
            assert "1 fixed" in banner(app)
            judged, about = app.screen.query_one(DiffPane), app.screen.query_one(DiffPane).task_id
            await pilot.press("o")
            await until(pilot, lambda: judged not in app.screen.query(DiffPane))
            app.post_message(OpenTask(about, "diff"))
            await opened(pilot)
            await until(pilot, lambda: "✓ proven by task" in banner(app))
            assert (shop.path / "shop.py").read_text() == _SHOP, "nothing is applied before it is asked for"
            await pilot.press("a")
            await until(pilot, lambda: "applied to the working tree: `ratchet undo`" in banner(app), 240)
            assert (shop.path / "shop.py").read_text() == _GOOD
            undo(Store.open(shop.path, state))
            assert (shop.path / "shop.py").read_text() == _SHOP
            await pilot.press("b", "enter")
            await until(pilot, lambda: "on branch ratchet/" in banner(app), 240)
            branch = shop.git("branch", "--list", "--format=%(refname:short)", "ratchet/*")
            assert branch.endswith("-kept") and shop.git("show", f"{branch}:shop.py") == _GOOD.rstrip()

    asyncio.run(doing())


@pytest.mark.long
def test_a_whole_fix_that_was_proven_is_applied_without_being_measured_again(
    state: Path, shop: Repository
) -> None:
    async def doing() -> None:
        app = app_of(state, shop)
        async with app.run_test(size=(80, 24)) as pilot:
            known = {"kind": TaskKind.FIX, "repository": str(shop.path), "sandbox": "bubblewrap"}
            await begin(pilot, app, TaskSpec(**known, tests=("test_shop.py::test_total",)))
            await until(pilot, lambda: "✓ proven: tree" in banner(app), 240)
            await pilot.press("v")
            assert "measuring" not in banner(app), "it is proven"
            await pilot.press("a")
            await until(pilot, lambda: "applied to the working tree: `ratchet undo`" in banner(app), 240)
            assert (shop.path / "shop.py").read_text() == _GOOD
            pane = app.screen.query_one(DiffPane)
            begun = pane.desk.feed.tasks()[0]
            log = pane.desk.feed.log(begun.task_id)
            assert log is not None and log.state.verdict is not None
            assert f"taken from task {pane.task_id}" in log.state.verdict.notes[-1]

    asyncio.run(doing())
