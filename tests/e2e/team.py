"""A team at work: a forge, the bot that hears from it, and the daemon that both lead to."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import tomlkit

from agent.client import registration
from agent.protocol.forge import Permission
from tests.client.conftest import end
from tests.e2e.conftest import new_repository, share_caches
from tests.e2e.test_daemon_fix import Daemon
from tests.forge.fake import FakeForge
from tests.forge.repository import Repository

PATIENCE = 240.0
ROOT = Path(__file__).parents[2]


class Team:
    """`shop` is acme/shop, in which ann may write."""

    def __init__(self, fake: FakeForge, shop: Repository, daemon: Daemon) -> None:
        self.fake, self.shop, self.daemon = fake, shop, daemon

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait for something to be so."""
        patience = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < patience, f"{what}\n{self.told()}"
            time.sleep(0.1)

    def told(self) -> str:
        """Return what a failing test has to know: the tasks, and the end of the daemon's log."""
        log = self.daemon.state / "daemon.log"
        tail = log.read_text()[-4000:] if log.is_file() else ""
        listed = self.daemon.ratchet.run("tasks", "list", "--json").stdout
        return f"{listed}\n{tail}\n" + "\n".join(f"{one.method} {one.path}" for one in self.fake.writes())

    def sticky(self, number: int) -> str:
        """Return the one comment that says where things stand; empty before there is one."""
        found = [one.body for one in self.shop.comments(number) if "ratchet:sticky" in one.body]
        assert len(found) <= 1
        return found[0] if found else ""


@contextmanager
def team(
    folder: Path, state_dir: Path, files: Mapping[str, str], *, settings: str = "", **bot: Any
) -> Iterator[Team]:
    """Let a team begin with a repository of these files; `bot` goes to `[bot]`, `settings` beside it."""
    state, source = folder / "state", folder / "source"
    for made in (state, source):
        made.mkdir(parents=True)
    new_repository(source, files)
    share_caches(state_dir, state)
    daemon = Daemon(state)
    with FakeForge(folder / "forge") as fake:
        shop = fake.add_repository("acme/shop", source)
        shop.grant("ann", Permission.WRITE)
        app, pat = bot.pop("app", False), bot.pop("pat", False)
        known = fake.bot_config(app=app, pat=pat).model_dump(mode="json", exclude_none=True) | bot
        config = folder / "config.toml"
        config.write_text(f"{tomlkit.dumps({'bot': known})}\n{settings}")
        daemon.ratchet.environ |= {**fake.environ, "RATCHET_CONFIG": str(config)}
        try:
            yield Team(fake, shop, daemon)
        finally:
            written = registration.read(state)
            if written is not None:
                end(written.pid)


@contextmanager
def serving(at_work: Team) -> Iterator[None]:
    """Let the bot hear what happens on the forge."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "bot", "serve", "--port", str(port)],
        cwd=ROOT,
        env=at_work.daemon.ratchet.environ,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if not os.environ.get("RATCHET_TEST_LOUD") else None,
    )
    try:
        at_work.until(lambda: _is_alive(port), "the bot does not answer")
        at_work.fake.hook(f"http://127.0.0.1:{port}/webhook")
        yield
        at_work.fake.settle()
    finally:
        process.terminate()
        process.wait(30)


def _is_alive(port: int) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    return False
