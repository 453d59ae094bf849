"""One task: begun on a pull request, followed in terminal and editor, approved once, killed in between."""

import subprocess
import sys
import time
from pathlib import Path

from agent.protocol.forge import Permission
from tests.e2e.team import Team, serving, team
from tests.e2e.test_bot import BROKEN, GOOD
from tests.e2e.tmux import Tmux
from tests.lsp.attached import ABLE, Attached
from tests.lsp.editor import Editor

ASK = '[policy]\npath = ["ask cart.py"]\n'


def clone(at_work: Team, folder: Path) -> Path:
    """Return a clone of the repository, as a developer has it."""
    subprocess.run(["git", "clone", "--quiet", str(at_work.shop.path), str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "remote", "set-url", "origin", at_work.shop.url], check=True)
    return folder


def test_a_task_of_a_pull_request_is_the_same_task_everywhere(
    tmp_path: Path, state_dir: Path, base_root: Path
) -> None:
    with team(tmp_path / "team", state_dir, GOOD, settings=ASK, on_pull="off") as at_work:
        here, environ = clone(at_work, tmp_path / "shop"), at_work.daemon.ratchet.environ
        shop = at_work.shop
        shop.grant("ann", Permission.WRITE)
        command = [sys.executable, "-P", "-m", "agent", "tui", "-C", str(here)]
        colours = {name: value for name, value in environ.items() if name != "NO_COLOR"}
        with (
            serving(at_work),
            Tmux(command, tmp_path, colours, columns=100, rows=30) as terminal,
            Editor(environ=environ) as process,
        ):
            editor = Attached(process, here)
            editor.begin(ABLE, {"trusted": True})
            terminal.wait_for("say what to do")
            head = shop.commit("rounding", BROKEN, "Round the discount", author="ann")
            number = shop.open_pull("rounding", author="ann")
            shop.comment(number, "ann", "/ratchet fix")

            question = editor.asked("cart.py")
            terminal.wait_for("F8")
            at_work.until(lambda: "approve" in at_work.sticky(number), "the comment does not ask")
            at_work.daemon.kill()
            terminal.press("F8")
            terminal.wait_for("cart.py")
            # A key that was meant for what was there before is not taken.
            time.sleep(2)
            terminal.press("a")

            at_work.until(lambda: any(one.conclusion for one in shop.checks(head)), "the check does not end")
            assert "answered: allow by tui" in editor.told("answered")
            terminal.wait_for("verified")
            assert question["params"]["actions"]
            seen = at_work.daemon.newest()
            assert (seen["outcome"], seen["repository"]) == ("verified", "github:acme/shop")
            assert [one.conclusion for one in shop.checks(head)] == ["success"]
            (branch,) = [name for name in shop.branches() if name.startswith("ratchet/")]
            at_work.until(lambda: branch in at_work.sticky(number), "the comment does not name the branch")
