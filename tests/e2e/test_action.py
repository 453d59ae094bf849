"""The GitHub action: its own scripts, as a runner runs them, on a forge of the tests."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.conftest import CART
from tests.e2e.team import ROOT, Team, team
from tests.e2e.test_bot import BROKEN, GOOD

ACTION: Any = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, SANDBOX, WORK = ACTION["runs"]["steps"]


class Runner:
    """A hosted runner, as far as the action can tell."""

    def __init__(self, folder: Path, at_work: Team) -> None:
        self.temp = folder / "temp"
        self.temp.mkdir()
        self.output = folder / "output"
        self.output.touch()
        self._event = folder / "event.json"
        self._team = at_work

    def run(self, step: dict[str, Any], event: str, body: bytes) -> subprocess.CompletedProcess[str]:
        """Run a step of the action for a delivery."""
        self._event.write_bytes(body)
        known = {
            "github.action_path": str(ROOT),
            "github.token": self._team.fake.token.text,
            "runner.temp": str(self.temp),
            "inputs.settings": '[sandbox]\nkind = "bubblewrap"',
        }
        known["inputs.token"] = known[ACTION["inputs"]["token"]["default"].strip("${ }")]
        given = {name: _resolved(text, known) for name, text in step.get("env", {}).items()}
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "RUNNER_TEMP": str(self.temp),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self._event),
            "GITHUB_API_URL": self._team.fake.url,
            "GITHUB_SERVER_URL": self._team.fake.web,
            "GITHUB_REPOSITORY": "acme/shop",
            **given,
        }
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        # As the runner calls the shell that a step names.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(
            command, env=environ, cwd=self.temp, capture_output=True, text=True, timeout=600, check=False
        )


def _resolved(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"${{{{ {name} }}}}", value)
    assert "${{" not in text
    return text


@pytest.mark.long
def test_the_action_answers_a_comment_with_a_proven_fix(
    tmp_path: Path, state_dir: Path, base_root: Path
) -> None:
    with team(tmp_path / "team", state_dir, GOOD) as at_work:
        runner = Runner(tmp_path, at_work)
        programs = runner.temp / "ratchet" / "bin"
        programs.mkdir(parents=True)
        (programs / "ratchet").symlink_to(Path(sys.executable).parent / "ratchet")
        (runner.temp / "ratchet-state").symlink_to(at_work.daemon.state)
        shop = at_work.shop
        head = shop.commit("rounding", BROKEN, "Round the discount", author="ann")
        number = shop.open_pull("rounding", author="ann")
        said = shop.comment(number, "ann", "/ratchet fix")
        _, body = at_work.fake.delivery("issue_comment", "created", shop, comment=said)

        done = runner.run(WORK, "issue_comment", body)

        assert done.returncode == 0, done.stdout + done.stderr
        assert "outcome=verified" in runner.output.read_text()
        (branch,) = [name for name in shop.branches() if name.startswith("ratchet/")]
        assert "- discount" in shop.text(branch, "cart.py")
        assert branch in at_work.sticky(number)
        assert [one.conclusion for one in shop.checks(head)] == ["success"]
        assert ("github-actions[bot]", "eyes") in shop.reactions(said)


def test_the_action_leaves_strangers_alone(tmp_path: Path, state_dir: Path) -> None:
    with team(tmp_path / "team", state_dir, CART) as at_work:
        runner = Runner(tmp_path, at_work)
        programs = runner.temp / "ratchet" / "bin"
        programs.mkdir(parents=True)
        (programs / "ratchet").symlink_to(Path(sys.executable).parent / "ratchet")
        (runner.temp / "ratchet-state").symlink_to(at_work.daemon.state)
        number = at_work.shop.open_issue("It is broken", author="eve")
        said = at_work.shop.comment(number, "eve", "/ratchet fix")
        _, body = at_work.fake.delivery("issue_comment", "created", at_work.shop, comment=said)

        done = runner.run(WORK, "issue_comment", body)

        assert done.returncode == 50, done.stdout + done.stderr
        assert not at_work.fake.writes()


@pytest.mark.long
def test_the_action_installs_ratchet_from_hashes_alone(tmp_path: Path, state_dir: Path) -> None:
    with team(tmp_path / "team", state_dir, CART) as at_work:
        runner = Runner(tmp_path, at_work)

        done = runner.run(INSTALL, "issues", b"{}")

        assert done.returncode == 0, done.stdout + done.stderr
        told = subprocess.run([runner.temp / "ratchet" / "bin" / "ratchet", "--version"], capture_output=True)
        assert told.returncode == 0
