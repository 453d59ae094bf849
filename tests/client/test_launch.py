"""Real daemons, found and started: one for all who ask, of a version that fits."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.client import launch, registration
from agent.client.client import Client
from agent.client.problems import DaemonUnavailable
from agent.client.process import is_alive
from agent.client.registration import Address
from agent.protocol.api import Health
from agent.protocol.control import ApprovalRequested
from agent.protocol.errors import UsageError
from agent.protocol.event import Event
from agent.protocol.task import TaskSpec
from tests.client.conftest import end
from tests.daemon.daemon_process import PATIENCE, ROOT, DaemonProcess, spec, until

StartVersion = Callable[..., DaemonProcess]


def ensure(state: Path, notes: list[str] | None = None) -> Address:
    heard = [] if notes is None else notes
    return asyncio.run(launch.ensure(state, heard.append))


def health(state: Path) -> Health:
    found = asyncio.run(launch.running(state))
    assert found is not None
    return found[1]


def gone(pid: int) -> bool:
    return any(not is_alive(pid) for _ in until(PATIENCE))


def test_the_first_who_asks_starts_a_daemon_and_the_next_finds_it(state: Path) -> None:
    notes: list[str] = []
    first = ensure(state, notes)
    pid = health(state).pid
    assert notes == [f"starting the daemon (process {pid})"]
    assert ensure(state, notes) == first
    assert health(state).pid == pid
    assert len(notes) == 1
    assert os.getsid(pid) == pid != os.getsid(0)


def test_those_who_ask_at_the_same_moment_get_one_daemon(state: Path) -> None:
    notes: list[str] = []

    async def all_at_once() -> list[Address]:
        return await asyncio.gather(*(launch.ensure(state, notes.append) for _ in range(5)))

    addresses = asyncio.run(all_at_once())
    assert len(set(addresses)) == 1
    assert len(notes) == 1


def test_a_killed_daemon_is_replaced_and_a_stopped_one_is_waited_for(state: Path) -> None:
    ensure(state)
    killed = health(state).pid
    os.killpg(killed, signal.SIGKILL)
    assert gone(killed)
    assert asyncio.run(launch.running(state)) is None
    ensure(state)
    assert health(state).pid != killed

    stopped = asyncio.run(launch.stop(state, drain=False))
    assert stopped is not None
    assert not is_alive(stopped.pid)
    assert asyncio.run(launch.stop(state, drain=False)) is None


def test_a_daemon_never_runs_code_of_the_folder_it_is_started_in(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "repository"
    (trap / "agent").mkdir(parents=True)
    (trap / "agent" / "__init__.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    monkeypatch.chdir(trap)
    ensure(state)
    assert not (tmp_path / "sprung").exists()


def test_a_long_path_of_the_state_directory_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    state = tmp_path / ("long" * 30)
    ensure(state)
    end(health(state).pid)


def test_a_state_directory_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DaemonUnavailable, match="cannot be written") as caught:
        ensure(tmp_path / "file" / "state")
    assert caught.value.hint


def test_a_daemon_that_cannot_begin_says_why(state: Path) -> None:
    state.mkdir()
    (state / "ratchet.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(
        DaemonUnavailable, match=r"cannot start: .*ratchet.db: file is not a database"
    ) as caught:
        ensure(state)
    assert caught.value.hint


def test_a_socket_that_somebody_else_listens_on_is_named(state: Path) -> None:
    state.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(state / "daemon.sock"))
        listener.listen()
        with pytest.raises(DaemonUnavailable, match=r"daemon\.sock is taken") as caught:
            ensure(state)
    assert caught.value.hint


@pytest.fixture
def start_version(tmp_path: Path) -> Iterator[StartVersion]:
    """Start a daemon from a copy of this code that says to be another version."""
    started: list[DaemonProcess] = []

    def start(state: Path, version: str, *options: str, api: int | None = None) -> DaemonProcess:
        copy = tmp_path / f"ratchet-{version}"
        for package in ("agent", "sandboxes", "tests/daemon"):
            shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "agent" / "__init__.py").write_text(f'__version__ = "{version}"\n')
        if api is not None:
            text = (copy / "agent" / "protocol" / "api.py").read_text()
            changed = text.replace("API_VERSION = 1\n", f"API_VERSION = {api}\n")
            assert changed != text
            (copy / "agent" / "protocol" / "api.py").write_text(changed)
        daemon = DaemonProcess(state, *options, environ={"PYTHONPATH": str(copy)})
        started.append(daemon)
        daemon.wait_until_ready()
        return daemon

    yield start
    for daemon in started:
        daemon.stop()


def test_an_older_daemon_without_work_is_replaced(state: Path, start_version: StartVersion) -> None:
    old = start_version(state, "0.0.1")
    notes: list[str] = []
    ensure(state, notes)
    assert "replacing the daemon of version 0.0.1" in notes[0]
    assert old.wait() == 0
    assert health(state).version != "0.0.1"


def test_an_older_daemon_at_work_is_used_and_that_is_said(state: Path, start_version: StartVersion) -> None:
    old = start_version(state, "0.0.1")
    notes: list[str] = []

    async def job() -> None:
        async with Client(launch.finder(state, notes.append)) as client:
            view = await client.create(TaskSpec.model_validate(spec("sleep:600")))
            await client.cancel(view.summary.task_id)

    with old.client() as http:
        http.post("/v1/tasks", json=spec("sleep:600", priority=0)).raise_for_status()
    asyncio.run(job())
    assert notes == ["the daemon is still of version 0.0.1; it is replaced once it is idle"]
    assert health(state).pid == old.process.pid


def test_a_daemon_with_a_newer_api_is_one_clear_error(state: Path, start_version: StartVersion) -> None:
    start_version(state, "9.0.0", api=2)
    with pytest.raises(UsageError, match=r"newer \(Ratchet 9.0.0\)"):
        ensure(state)


def test_a_newer_daemon_with_the_same_api_is_used(state: Path, start_version: StartVersion) -> None:
    newer = start_version(state, "9.0.0")
    notes: list[str] = []
    ensure(state, notes)
    assert (health(state).pid, notes) == (newer.process.pid, [])


def test_following_a_task_outlives_the_daemon(state: Path, start_version: StartVersion) -> None:
    first = start_version(state, "9.0.0")

    async def job() -> list[int]:
        seen = []
        async with Client(launch.finder(state, lambda _: None)) as client, asyncio.TaskGroup() as others:
            words = spec("step", "step", "ask")
            task_id = (await client.create(TaskSpec.model_validate(words))).summary.task_id
            async for item in client.events(task_id):
                assert isinstance(item, Event)
                seen.append(item.seq)
                if isinstance(item.body, ApprovalRequested):
                    first.kill()
                    # Only a daemon that the reader or this request starts can answer.
                    others.create_task(client.cancel(task_id))
        return seen

    assert asyncio.run(job()) == [1, 2, 3, 4, 5, 6]
    assert health(state).pid != first.process.pid


def test_a_client_on_tcp_shows_its_token(state: Path) -> None:
    with DaemonProcess(state, "--listen", "127.0.0.1:0") as daemon:
        url = f"http://{daemon.registration['tcp']}"

        async def ask(token: str | None) -> int:
            async def find() -> Address:
                return Address(url=url, token=token)

            async with Client(find) as client:
                task_id = (await client.create(TaskSpec.model_validate(spec("step")))).summary.task_id
                return len([item async for item in client.events(task_id)])

        assert asyncio.run(ask(daemon.token("tui"))) == 3
        for token in (None, "wrong"):
            with pytest.raises(UsageError) as caught:
                asyncio.run(ask(token))
            assert caught.value.code == "unauthenticated"


def test_what_a_daemon_wrote_of_itself_may_say_more_or_nothing(tmp_path: Path) -> None:
    assert registration.read(tmp_path) is None
    (tmp_path / "daemon.json").write_text('{"pid": 1')
    assert registration.read(tmp_path) is None
    (tmp_path / "daemon.json").write_text(
        '{"pid": 1, "socket": "s", "version": "9", "api": 1, "mood": "fine"}'
    )
    written = registration.read(tmp_path)
    assert written is not None
    assert registration.address(tmp_path, written, "cli") == Address(socket="s")


def test_the_token_of_a_front_end_names_it(tmp_path: Path) -> None:
    assert registration.token(tmp_path, "cli") is None
    (tmp_path / "tokens.json").write_text('{"cli": {"token": "abc", "scopes": []}, "tui": {}}')
    assert registration.token(tmp_path, "cli") == "abc"
    assert registration.token(tmp_path, "tui") is None
    assert registration.token(tmp_path, "bot") is None
