"""A daemon shows the tasks that came from a forge there, by a process of its own."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agent.protocol.api import TaskPublication
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from tests.daemon.daemon_process import PATIENCE, DaemonProcess, processes_with, until
from tests.forge.faults import Fault
from tests.publishing.counting import counted, expected
from tests.publishing.site import Site, open_site

CHECKED = expected(branch=0, review=0)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Return a forge, and the store that daemons will have."""
    with open_site(tmp_path, tmp_path / "state") as opened:
        yield opened


@pytest.fixture
def daemon(site: Site) -> Iterator[DaemonProcess]:
    """Return a daemon with that forge; no worker takes the tasks."""
    with _started(site) as started:
        yield started


def _started(site: Site, *options: str, **environ: str) -> DaemonProcess:
    config = site.folder / "config.toml"
    bot = {"api": site.config.api, "web": site.config.web}
    lines = "".join(f'{name} = "{value}"\n' for name, value in bot.items())
    config.write_text(f"[bot]\napp = {site.config.app}\n{lines}")
    (site.folder / "state").chmod(0o700)
    more = {**site.fake.environ, "RATCHET_CONFIG": str(config), **environ}
    return DaemonProcess(site.folder / "state", "--workers", "0", *options, environ=more)


def _verify(site: Site) -> str:
    return site.task(TaskKind.VERIFY, "pushed", Outcome.BROKEN)


def _publication(http: httpx.Client, task: str) -> TaskPublication:
    answer = http.get(f"/v1/tasks/{task}/publication")
    assert answer.status_code == 200, answer.text
    return TaskPublication.model_validate_json(answer.content)


def _when_shown(daemon: DaemonProcess, task: str) -> TaskPublication:
    with daemon.client() as http:
        for _ in until(PATIENCE):
            found = _publication(http, task)
            if found.shown:
                return found
    raise AssertionError(f"it was not shown: {found}; {daemon.log()[-5:]}")


def _publishers(site: Site) -> list[int]:
    return processes_with("agent.daemon.publisher_process", str(site.folder / "state"))


def test_what_a_task_shows_is_made_and_told(site: Site, daemon: DaemonProcess) -> None:
    assert _publishers(site) == []
    task = _verify(site)
    found = _when_shown(daemon, task)
    assert counted(site, task) == CHECKED
    assert {made.name for made in found.effects} >= {"check:end", "sticky:end"}
    assert next(made.url for made in found.effects if made.name == "sticky:end").startswith(site.fake.web)
    assert len(_publishers(site)) == 1
    with daemon.client() as http:
        assert http.get("/v1/health").json()["problems"] == []
        assert http.get("/v1/tasks/none/publication").status_code == 404
    daemon.stop()
    assert _publishers(site) == []


@pytest.mark.long
def test_a_publisher_that_is_killed_is_started_again_and_makes_nothing_twice(
    site: Site, daemon: DaemonProcess
) -> None:
    site.fake.faults.add(Fault.LATE_AFTER, method="POST", path="*/check-runs", seconds=3.0)
    task = _verify(site)
    for _ in until(PATIENCE):
        if any(asked.path.endswith("/check-runs") and asked.writes for asked in site.fake.requests):
            break
    (publisher,) = _publishers(site)
    os.kill(publisher, signal.SIGKILL)
    _when_shown(daemon, task)
    assert counted(site, task) == CHECKED
    assert _publishers(site) not in ([], [publisher])


@pytest.mark.long
def test_a_publisher_ends_with_its_daemon_and_the_next_one_goes_on(site: Site, daemon: DaemonProcess) -> None:
    site.fake.faults.add(Fault.LATE_AFTER, method="POST", path="*/comments", seconds=3.0)
    task = _verify(site)
    for _ in until(PATIENCE):
        if any(asked.path.endswith("/comments") and asked.writes for asked in site.fake.requests):
            break
    daemon.kill()
    for _ in until(PATIENCE):
        if not _publishers(site):
            break
    assert not site.shown(task).is_shown
    with _started(site) as second:
        _when_shown(second, task)
    assert counted(site, task) == CHECKED


def test_without_a_key_no_publisher_is_started_and_health_says_which(site: Site) -> None:
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(_started(site, RATCHET_APP_KEY=""))
        task = _verify(site)
        http = stack.enter_context(daemon.client())
        for _ in until(PATIENCE):
            problems = http.get("/v1/health").json()["problems"]
            if problems:
                break
        assert "`private_key` of [bot] names env:RATCHET_APP_KEY" in problems[0]
        found = _publication(http, task)
        assert (found.shown, found.left) == (False, False)
        assert "RATCHET_APP_KEY" in found.problem
        assert _publishers(site) == []


@pytest.mark.long
def test_a_daemon_that_nobody_needs_stays_until_everything_is_shown(site: Site) -> None:
    site.fake.faults.add(Fault.SECONDARY, method="POST", path="*/check-runs", seconds=12)
    task = _verify(site)
    with _started(site, "--idle-minutes", "0.05") as daemon:
        assert daemon.wait() == 0
    assert site.shown(task).is_shown
    assert counted(site, task) == CHECKED
    assert _publishers(site) == []
