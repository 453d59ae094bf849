"""The stream of all tasks: complete at its beginning, and told of every change whoever made it."""

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource

from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.task import TaskKind, TaskSpec
from tests.daemon.conftest import Start
from tests.daemon.daemon_process import PATIENCE, DaemonProcess, finished, submit, until, wait_for_status
from tests.postgres import running_cluster


@contextlib.contextmanager
def watching(http: httpx.Client) -> Iterator[Iterator[dict[str, Any]]]:
    """Open the stream and yield the tasks that it tells of."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "0"}
    with http.stream("GET", "/v1/changes", headers=headers) as response:
        assert response.status_code == 200, response.read()
        yield (json.loads(each.data) for each in EventSource(response).iter_sse() if each.event == "summary")


def told(tasks: Iterator[dict[str, Any]], task_id: str, status: str) -> list[dict[str, Any]]:
    """Return what is told of a task until it has a status."""
    found = []
    for task in tasks:
        if task["task_id"] == task_id:
            found.append(task)
            if task["status"] == status:
                return found
    raise AssertionError(f"the stream ended before {task_id} was {status}: {found}")


def test_a_watcher_begins_with_the_tasks_there_are_oldest_first_and_hears_of_new_ones(
    http: httpx.Client,
) -> None:
    old = [submit(http), submit(http, "ask")]
    finished(http, old[0])
    wait_for_status(http, old[1], "waiting")

    with watching(http) as tasks:
        present = [next(tasks) for _ in http.get("/v1/changes").json()]
        new = submit(http, "ask")
        waited = told(tasks, new, "waiting")
        http.post(f"/v1/tasks/{new}/approve", json={})
        ended = told(tasks, new, "finished")

    numbers = [each["task_id"] for each in present]
    assert numbers[-2:] == old
    assert [each["status"] for each in present[-2:]] == ["finished", "waiting"]
    assert waited[-1]["seq"] == 2
    assert ended[-1] == http.get(f"/v1/tasks/{new}").json()["summary"]


def test_a_task_is_told_of_when_it_is_taken_although_that_is_no_event(http: httpx.Client) -> None:
    with watching(http) as tasks:
        task_id = submit(http, "sleep:600")
        running = told(tasks, task_id, "running")
        http.post(f"/v1/tasks/{task_id}/cancel")
        ended = told(tasks, task_id, "finished")

    assert running[-1]["seq"] == 1
    assert ended[-1]["outcome"] == "interrupted"


def test_of_a_busy_task_only_some_lines_are_told_and_always_the_last(http: httpx.Client) -> None:
    with watching(http) as tasks:
        task_id = submit(http, *["step"] * 120)
        lines = told(tasks, task_id, "finished")

    numbers = [each["seq"] for each in lines]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 122
    view = http.get(f"/v1/tasks/{task_id}").json()["summary"]
    # It has one line in a tenth of a second, one for its submission and one for being taken.
    assert len(lines) <= 10 * (view["updated_at"] - view["created_at"] + 1) + 2


def test_the_tasks_that_matter_are_listed_for_who_wants_no_stream(http: httpx.Client) -> None:
    task_id = submit(http)
    summary = finished(http, task_id)["summary"]

    answer = http.get("/v1/changes")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()[-1] == summary


def test_a_change_that_another_process_makes_in_the_database_is_told(start: Start) -> None:
    daemon = start()
    with daemon.client() as http, watching(http) as tasks:
        told(tasks, submit(http, "ask"), "waiting")
        database = Database.open(daemon.state)
        spec = TaskSpec(kind=TaskKind.FIX, repository="/r", tests=("ask",))
        theirs = TaskStore(database).create(spec).task_id
        database.close()
        assert told(tasks, theirs, "waiting")[-1]["repository"] == "/r"


@pytest.mark.long
def test_what_one_daemon_does_is_told_by_the_others(start: Start, tmp_path: Path) -> None:
    with running_cluster() as cluster:
        environ = {"RATCHET_DATABASE_URL": cluster.create("changes")}
        first = start(state=tmp_path / "a", environ=environ)
        second = start("--workers", "1", state=tmp_path / "b", environ=environ)
        with first.client() as here, second.client() as there, watching(there) as tasks:
            task_id = submit(here, "ask")
            told(tasks, task_id, "waiting")
            here.post(f"/v1/tasks/{task_id}/approve", json={})
            assert told(tasks, task_id, "finished")[-1]["outcome"] == "unverified"
        first.stop()
        second.stop()


def test_a_watcher_that_stops_reading_is_dropped_and_holds_nobody_up(start: Start) -> None:
    daemon = start()
    with daemon.client() as http, socket.socket(socket.AF_UNIX) as sleeper:
        # More than fits into the buffers of a socket.
        for _ in range(12):
            submit(http, "ask", repository="/r" + "x" * 60_000)
        sleeper.connect(daemon.registration["socket"])
        sleeper.sendall(b"GET /v1/changes HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
        assert sleeper.recv(16)
        with watching(http) as tasks:
            task_id = submit(http, "step")
            told(tasks, task_id, "finished")


@pytest.mark.long
def test_a_watcher_that_takes_nothing_for_half_a_minute_is_cut_off(start: Start) -> None:
    daemon = start()
    with daemon.client() as http, socket.socket(socket.AF_UNIX) as sleeper:
        for _ in range(12):
            submit(http, "ask", repository="/r" + "x" * 60_000)
        sleeper.connect(daemon.registration["socket"])
        sleeper.sendall(b"GET /v1/changes HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
        for _ in until(PATIENCE):
            if "ratchet_sse_dropped_total 1.0" in http.get("/v1/metrics").text:
                return
    raise AssertionError("it was not dropped")


def test_a_watcher_is_told_that_the_daemon_lives_and_when_it_ends(start: Start) -> None:
    daemon = start("--keep-alive", "0.2")
    with daemon.client() as http:
        headers = {"Accept": "text/event-stream"}
        with http.stream("GET", "/v1/changes", headers=headers) as response:
            lines = response.iter_lines()
            assert next(lines) == ": keep-alive"
            daemon.process.terminate()
            assert all(line in (": keep-alive", "") for line in lines)
    assert daemon.wait() == 0


def test_a_daemon_that_is_watched_stays_and_ends_once_nobody_watches(start: Start) -> None:
    daemon = start("--idle-minutes", "0.05")
    with daemon.client() as http, watching(http) as tasks:
        for _ in until(2.0):
            assert daemon.process.poll() is None
        task_id = submit(http)
        told(tasks, task_id, "finished")
    assert daemon.wait() == 0


def test_a_stranger_sees_no_changes(daemon: DaemonProcess) -> None:
    with daemon.tcp_client(None) as http:
        assert http.get("/v1/changes", headers={"Accept": "text/event-stream"}).status_code == 401
