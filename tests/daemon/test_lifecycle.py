"""From the start of a daemon to its end, and to the start of the next one."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.daemon.conftest import Start
from tests.daemon.daemon_process import (
    PATIENCE,
    DaemonProcess,
    finished,
    processes_with,
    submit,
    until,
    wait_for_status,
)


def _gone(daemon: DaemonProcess) -> bool:
    return any(not daemon.workers() for _ in until(PATIENCE))


def test_a_second_daemon_says_who_is_there_and_leaves_it_alone(start: Start) -> None:
    first = start()
    second = DaemonProcess(first.state)

    assert second.wait() == 3
    assert "another daemon serves" in second.said()
    with first.client() as http:
        assert http.get("/v1/health").json()["pid"] == first.process.pid


def test_a_stopped_daemon_leaves_no_socket_and_no_registration(start: Start) -> None:
    daemon = start()
    path = Path(daemon.registration["socket"])

    assert daemon.stop() == 0

    assert not path.exists()
    assert not (daemon.state / "daemon.json").exists()
    assert [each["message"] for each in daemon.log()][-1] == "stopped"


def test_a_killed_daemon_takes_its_workers_along_and_loses_nothing(start: Start, tmp_path: Path) -> None:
    first = start()
    with first.client() as http:
        running = submit(http, "step", f"once:{tmp_path / 'ran'}", "sleep:600", repository="/a")
        waiting = [submit(http, "step", repository=f"/{n}") for n in range(3)]
        wait_for_status(http, running, "running")
    first.kill()
    assert _gone(first)

    second = start(state=first.state)
    with second.client() as http:
        for task_id in waiting:
            finished(http, task_id)
        http.post(f"/v1/tasks/{running}/cancel")
        assert finished(http, running)["summary"]["outcome"] == "interrupted"
        for task_id in (running, *waiting):
            keys = [each["step_key"] for each in http.get(f"/v1/tasks/{task_id}/events").json()]
            assert len(keys) == len(set(keys))
    assert any(each["message"] == "serving" and each["after_crash"] for each in second.log())


def test_a_worker_that_dies_is_replaced_and_its_task_goes_on(start: Start, tmp_path: Path) -> None:
    daemon = start()
    with daemon.client() as http:
        task_id = submit(http, "step", f"once:{tmp_path / 'died'}", "step")

        assert finished(http, task_id)["summary"]["outcome"] == "unverified"
        assert (tmp_path / "died").exists()
        assert "ratchet_worker_deaths_total 1.0" in http.get("/v1/metrics").text


@pytest.mark.long
def test_a_task_that_kills_every_worker_is_given_up(start: Start) -> None:
    daemon = start()
    with daemon.client() as http:
        task_id = submit(http, "die")
        for _ in until(PATIENCE):
            if http.get("/v1/health").json()["problems"]:
                break

        view = finished(http, task_id)

    assert view["summary"]["outcome"] == "error"
    assert "died" in view["summary"]["reason"]


def test_a_cancel_ends_a_step_that_does_not_listen(start: Start) -> None:
    daemon = start()
    with daemon.client() as http:
        task_id = submit(http, "stuck:600")
        wait_for_status(http, task_id, "running")
        (worker,) = daemon.workers()

        http.post(f"/v1/tasks/{task_id}/cancel")

        assert finished(http, task_id)["summary"]["outcome"] == "interrupted"
    assert worker not in daemon.workers()
    assert any("a cancelled step went on" in each["message"] for each in daemon.log())


def test_a_graceful_stop_leaves_the_running_step_to_the_next_daemon(start: Start) -> None:
    first = start()
    with first.client() as http:
        task_id = submit(http, "step", "sleep:600")
        for _ in until(PATIENCE):
            if http.get(f"/v1/tasks/{task_id}").json()["summary"]["seq"] == 2:
                break
    assert first.stop() == 0
    assert not first.workers()

    second = start(state=first.state)
    with second.client() as http:
        wait_for_status(http, task_id, "running")
        http.post(f"/v1/tasks/{task_id}/cancel")
        finished(http, task_id)
        keys = [each["step_key"] for each in http.get(f"/v1/tasks/{task_id}/events").json()]
    assert keys == ["submit", "step:0", "cancel:3", "finish"]


def test_a_shutdown_that_drains_lets_tasks_end(start: Start) -> None:
    daemon = start()
    with daemon.client() as http:
        task_id = submit(http, "sleep:2", "step", repository="/a")
        wait_for_status(http, task_id, "running")
        assert http.post("/v1/shutdown", json={"drain": True}).status_code == 202
    assert daemon.wait() == 0

    with start(state=daemon.state).client() as http:
        assert http.get(f"/v1/tasks/{task_id}").json()["summary"]["status"] == "finished"


def test_a_daemon_that_nobody_needs_ends(start: Start) -> None:
    daemon = start("--idle-minutes", "0.02")
    with daemon.client() as http:
        submit(http, "sleep:2")

    assert daemon.wait() == 0
    assert any(each["message"] == "idle" for each in daemon.log())


def test_a_follower_keeps_a_daemon_up(start: Start) -> None:
    daemon = start("--idle-minutes", "0.01")
    with daemon.client() as http:
        task_id = submit(http, "ask")
        wait_for_status(http, task_id, "waiting")
        headers = {"Accept": "text/event-stream"}
        with http.stream("GET", f"/v1/tasks/{task_id}/events", headers=headers):
            time.sleep(2)
            assert daemon.process.poll() is None
    assert daemon.wait() == 0


def test_a_stale_socket_is_replaced(start: Start, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(state / "daemon.sock"))

    with start(state=state).client() as http:
        assert http.get("/v1/health").is_success


def test_a_socket_that_another_program_serves_is_left_alone(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "daemon.sock"))
        other.listen()
        refused = DaemonProcess(tmp_path)

        assert refused.wait() == 1
        assert "is taken: another program listens there" in refused.said()
    assert (tmp_path / "daemon.sock").exists()


def test_a_file_in_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "daemon.sock").write_text("mine")
    refused = DaemonProcess(tmp_path)

    assert refused.wait() == 1
    assert "is not a socket" in refused.said()
    assert (tmp_path / "daemon.sock").read_text() == "mine"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        refused = DaemonProcess(tmp_path, "--listen", address)

        assert refused.wait() == 1
        assert f"{address} is in use" in refused.said()


@pytest.mark.parametrize("listen", ["8080", "host:port", ":1", "h:99999"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, listen: str) -> None:
    refused = DaemonProcess(tmp_path, "--listen", listen)

    assert refused.wait() == 1
    assert "is not HOST:PORT" in refused.said()


def test_a_deep_state_directory_gets_a_short_socket(start: Start, tmp_path: Path) -> None:
    state = tmp_path / ("d" * 60) / ("e" * 60)
    runtime = tmp_path / "run"
    daemon = start(state=state, environ={"XDG_RUNTIME_DIR": str(runtime)})

    path = Path(daemon.registration["socket"])
    assert path.parent == runtime / "ratchet"
    with daemon.client() as http:
        assert http.get("/v1/health").is_success


def test_a_socket_directory_that_others_prepared_is_refused(tmp_path: Path) -> None:
    runtime = tmp_path / "run"
    (runtime / "ratchet").mkdir(parents=True)
    (runtime / "ratchet").chmod(0o777)
    refused = DaemonProcess(tmp_path / ("d" * 100), environ={"XDG_RUNTIME_DIR": str(runtime)})

    assert refused.wait() == 1
    assert "mode 0700" in refused.said()


def test_tokens_that_others_may_read_are_refused(start: Start, tmp_path: Path) -> None:
    daemon = start()
    daemon.stop()
    (daemon.state / "tokens.json").chmod(0o644)
    refused = DaemonProcess(daemon.state)

    assert refused.wait() == 1
    assert "can be read by others" in refused.said()


def test_what_a_worker_started_does_not_outlive_the_daemon(start: Start) -> None:
    daemon = start()
    with daemon.client() as http:
        task_id = submit(http, "child:600.25")
        wait_for_status(http, task_id, "running")
        for _ in until(PATIENCE):
            if processes_with("sleep", "600.25"):
                break
    os.kill(daemon.process.pid, signal.SIGKILL)
    daemon.wait()

    assert any(not processes_with("sleep", "600.25") for _ in until(PATIENCE))
    assert _gone(daemon)
