"""A whole task in a real terminal: begun, watched, judged, taken apart, proven again and applied."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.client import registration
from agent.models.server.scripted_server import ScriptedServer
from tests.client.conftest import end
from tests.e2e.conftest import CART, Repository, share_caches
from tests.e2e.scripted_models import LIE, PROFILE, RIGHT, edit
from tests.e2e.test_daemon_fix import Daemon
from tests.e2e.tmux import Tmux

NOTES = {"NOTES.md": "# Notes\n\nThe discount is taken off.\n"}


@pytest.fixture
def daemon(tmp_path: Path, state_dir: Path, base_root: Path) -> Iterator[Daemon]:
    state = tmp_path / "state"
    state.mkdir()
    share_caches(state_dir, state)
    yield Daemon(state)
    written = registration.read(state)
    if written is not None:
        end(written.pid)


@pytest.mark.parametrize(
    ("columns", "rows"), [(80, 24), pytest.param(200, 50, marks=pytest.mark.long)], ids=["80x24", "200x50"]
)
def test_a_task_is_begun_watched_taken_apart_proven_again_and_applied(
    daemon: Daemon, cart: Repository, tmp_path: Path, columns: int, rows: int
) -> None:
    config = tmp_path / "config.toml"
    command = [sys.executable, "-P", "-m", "agent", "tui", "-C", str(cart.path)]
    change = edit(CART, {**CART, "cart.py": RIGHT, **NOTES})
    environ = {**daemon.ratchet.environ, "RATCHET_CONFIG": str(config)}
    environ.pop("NO_COLOR")
    with (
        ScriptedServer([change, LIE]) as model,
        Tmux(command, tmp_path, environ, columns=columns, rows=rows) as terminal,
    ):
        config.write_text(PROFILE.format(url=model.base_url, profile="", more=""))
        terminal.wait_for("say what to do")
        terminal.type("/do take the discount off and write it down")
        terminal.press("Enter")
        terminal.wait_for("✓ verified")

        terminal.type("2")
        terminal.wait_for(r"fixed .*test_discount_is_taken_off")

        terminal.type("4")
        terminal.wait_for(r"proven: tree")
        terminal.type(" ")
        terminal.wait_for("unverified")
        terminal.type("v")
        terminal.wait_for("proven by task")
        terminal.type("a")
        terminal.wait_for("ratchet undo")
    assert (cart.path / "cart.py").read_text() == RIGHT
    assert not (cart.path / "NOTES.md").exists()
