"""The panes while a real task finds a bug in a real sandbox."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agent.client import registration
from agent.client.client import Client
from agent.client.connection import Find
from agent.client.registration import Address
from agent.protocol.task import TaskKind, TaskSpec
from tests.client.conftest import end
from tests.e2e.conftest import CART, Ratchet, new_repository, share_caches
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.messages import OpenTask
from tui.panes.listing import Listing
from tui.panes.suspects.source import Source
from tui.panes.verdict.matrix import Matrix

DISCOUNT = "test_cart.py::test_discount_is_taken_off"


@pytest.fixture
def state(tmp_path: Path, state_dir: Path, base_root: Path) -> Iterator[Path]:
    """Return the state directory of a daemon with tasks of its own; what takes long to make is shared."""
    state = tmp_path / "state"
    state.mkdir()
    share_caches(state_dir, state)
    ratchet = Ratchet(state)
    del ratchet.environ["RATCHET_FOREGROUND"]
    assert ratchet.run("daemon", "start").returncode == 0
    yield state
    written = registration.read(state)
    if written is not None:
        end(written.pid)


def finder(state: Path) -> Find:
    async def find() -> Address:
        written = registration.read(state)
        assert written is not None
        return Address(socket=written.socket)

    return find


def app_of(state: Path, repository: Path, first: OpenTask) -> RatchetApp:
    def make(app: RatchetApp) -> Desk:
        told, client = Told(app), Client(finder(state))
        return Desk(told, DaemonFeed(client, told), client, repository, repository)

    return RatchetApp(lambda: make, first=first)


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Return once something is true; a sandbox may take long on a busy machine."""
    async with asyncio.timeout(240):
        while not true():
            await pilot.pause(0.1)


def painted(app: RatchetApp, kind: type[Listing]) -> str:
    return "\n".join(
        one.render_line(line).text for one in app.screen.query(kind) for line in range(one.size.height)
    )


def standing(app: RatchetApp) -> str:
    return "".join(str(one.content) for one in app.screen.query("#verdict-standing").results(Static))


@pytest.mark.long
def test_the_source_has_its_heat_and_the_verdict_its_tests(state: Path, tmp_path: Path) -> None:
    (tmp_path / "cart").mkdir()
    repository = new_repository(tmp_path / "cart", CART).path
    spec = TaskSpec(kind=TaskKind.FIX, repository=str(repository), sandbox="bubblewrap")

    async def doing() -> None:
        async with Client(finder(state)) as client:
            task_id = (await client.create(spec)).summary.task_id
        app = app_of(state, repository, OpenTask(task_id, "suspects"))
        async with app.run_test(size=(80, 30)) as pilot:
            await until(pilot, lambda: "±     return amount + discount" in painted(app, Source))
            assert "     return len(prices)" in painted(app, Source)

            await pilot.press("2")
            await until(pilot, lambda: "✓ verified · full check" in standing(app))
            first = painted(app, Matrix).splitlines()[0].split()
            assert first[1:] == ["fixed", "failed", "→", "passed", DISCOUNT]

    asyncio.run(doing())
