"""`ratchet bot` as its own process: from a delivery to a task of the daemon, and what is missing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from agent.cli.main import main
from agent.protocol.forge import Permission
from tests.bot.deliveries import comment, encoded
from tests.daemon.daemon_process import DaemonProcess
from tests.forge.fake import FakeForge


class Place:
    """A forge, a daemon that finishes every task at once, and the command's settings."""

    def __init__(self, folder: Path, fake: FakeForge) -> None:
        self.fake = fake
        self.shop = fake.add_repository("acme/shop")
        self.shop.grant("ann", Permission.WRITE)
        self.issue = self.shop.open_issue("Add tax", "Please.", "ann")
        self.config = folder / "config.toml"
        named = 'repositories = ["acme/shop"]\nlogin = "ratchet"\n'
        self.config.write_text(f'[bot]\napi = "{fake.url}"\nweb = "{fake.web}"\n{named}')
        self.state = folder / "state"
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")},
            **fake.environ,
            "RATCHET_CONFIG": str(self.config),
            "RATCHET_STATE_DIR": str(self.state),
        }

    def start(self, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
        """Start `ratchet bot`."""
        command = [sys.executable, "-P", "-m", "agent", "bot", *arguments]
        return subprocess.Popen(
            command,
            env={**self.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **environ: str) -> tuple[int, str, str]:
        """Run `ratchet bot` in this process; return status and what it said."""
        with pytest.MonkeyPatch.context() as patched:
            for name in [name for name in os.environ if name.startswith("GITHUB_")]:
                patched.delenv(name)
            done = CliRunner().invoke(main, ["bot", *arguments], env={**self.environ, **environ})
        return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return the place, with its daemon."""
    folder = tmp_path_factory.mktemp("bot")
    with FakeForge(folder / "forge") as fake:
        made = Place(folder, fake)
        with DaemonProcess(made.state, environ={**fake.environ, "RATCHET_CONFIG": str(made.config)}):
            yield made


def test_a_delivery_is_taken_from_the_moment_that_it_is_said(place: Place) -> None:
    with place.start("serve", "--port", "0") as bot:
        assert bot.stderr is not None
        said = next(line for line in bot.stderr if "http://" in line)
        url = said.rsplit(" ", 1)[1].strip()
        asked = place.shop.comment(place.issue, "ann", "/ratchet do it")
        answer = place.fake.deliver(url, "issue_comment", "created", place.shop, comment=asked)
        assert answer is not None
        assert answer.status_code == 202
        health = httpx.get(url.replace("/webhook", "/healthz")).text
        bot.send_signal(signal.SIGTERM)
        rest = bot.stderr.read()
    assert (bot.returncode, health) == (0, "ok\n")
    assert f": {answer.text.strip()}" in rest


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"RATCHET_WEBHOOK_SECRET": ""}, "no webhook secret"),
        ({"RATCHET_WEBHOOK_SECRET": "short"}, "shorter than 32 bytes"),
    ],
)
def test_without_a_good_secret_it_does_not_start(place: Place, environ: dict[str, str], said: str) -> None:
    status, _, errors = place.run("serve", "--port", "0", **environ)
    assert (status, said in errors, "hint:" in errors) == (2, True, True)


def test_a_job_of_actions_follows_the_tasks_of_its_event_to_their_end(place: Place, tmp_path: Path) -> None:
    event, outputs = tmp_path / "event.json", tmp_path / "outputs"
    event.write_bytes(encoded(comment("/ratchet verify\n\n/ratchet help", id=900)))
    job = {"GITHUB_EVENT_PATH": str(event), "GITHUB_EVENT_NAME": "issue_comment"}
    more = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(outputs)}
    status, out, said = place.run("replay", "--wait", "--json", **job, **more)
    report = json.loads(out)
    assert (status, report["outcome"], len(report["tasks"])) == (20, "unverified", 2), said
    assert "outcome=unverified" in outputs.read_text()


def test_an_event_that_wants_nothing_makes_nothing(place: Place, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_bytes(encoded(comment("Thank you!")))
    status, out, _ = place.run("replay", str(event), "--wait", "--json")
    assert (status, json.loads(out)) == (0, {"tasks": [], "reason": "The comment holds no command."})


def test_the_same_file_leads_to_the_same_task(place: Place, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_bytes(encoded(comment("/ratchet fix", id=901)))
    outs = [json.loads(place.run("replay", str(event), "--json")[1]) for _ in range(2)]
    assert (outs[0], len(outs[0]["tasks"])) == (outs[1], 1)


def test_what_is_set_and_what_is_missing_is_said(place: Place) -> None:
    status, out, _ = place.run("status", "--json")
    found = json.loads(out)
    assert (status, found["problems"], found["secrets"], found["daemon"]) == (0, [], 1, True)

    status, out, _ = place.run("status", RATCHET_WEBHOOK_SECRET="")
    assert (status, "no webhook secret" in out) == (1, True)


def test_a_round_of_polling_ends_with_once(place: Place) -> None:
    assert place.run("poll", "--once")[0] == 0
    asked = place.shop.comment(place.issue, "ann", "/ratchet explain")
    status, _, said = place.run("poll", "--once")
    assert (status, f"comment:{asked}: " in said) == (0, True), said


def test_a_round_of_polling_that_cannot_ask_says_so(place: Place) -> None:
    status, _, said = place.run("poll", "--once", GITHUB_TOKEN="of-nobody")
    assert (status, "acme/shop: " in said) == (1, True), said
