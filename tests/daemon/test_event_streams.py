"""Live events: nothing missing, nothing twice, and nobody held up by a slow reader."""

import json
import socket
import threading

import httpx
import pytest
from httpx_sse import ServerSentEvent

from tests.daemon.conftest import Start
from tests.daemon.daemon_process import (
    PATIENCE,
    DaemonProcess,
    finished,
    following,
    submit,
    until,
    wait_for_status,
)


def _numbers(messages: list[ServerSentEvent]) -> list[int]:
    return [int(each.id) for each in messages if each.event == "task"]


def test_a_stream_has_everything_from_the_first_event_to_the_end(http: httpx.Client) -> None:
    task_id = submit(http, "step", "progress:3", "step")

    with following(http, task_id) as messages:
        seen = list(messages)

    assert seen[-1].event == "end"
    tasks = [each for each in seen if each.event == "task"]
    assert [json.loads(each.data)["seq"] for each in tasks] == [1, 2, 3, 4, 5]
    assert [each.id for each in tasks] == ["1", "2", "3", "4", "5"]
    progress = [json.loads(each.data) for each in seen if each.event == "progress"]
    assert [each["done"] for each in progress] == sorted({each["done"] for each in progress})


def test_whatever_a_command_prints_meanwhile_comes_in_order_and_in_whole(http: httpx.Client) -> None:
    task_id = submit(http, "ask", "prints:2000")

    said = []
    with following(http, task_id) as messages:
        for each in messages:
            said.append(json.loads(each.data).get("output") if each.event == "progress" else None)
            if each.event == "task" and json.loads(each.data)["body"]["type"] == "ApprovalRequested":
                http.post(f"/v1/tasks/{task_id}/approve", json={}).raise_for_status()

    assert "".join(piece for piece in said if piece) == "".join(f"line {n}\n" for n in range(2000))


def test_a_stream_of_a_finished_task_ends_at_once(http: httpx.Client) -> None:
    task_id = submit(http)
    finished(http, task_id)

    with following(http, task_id) as messages:
        assert [each.event for each in messages] == ["task", "task", "end"]
    with following(http, task_id, after=2) as messages:
        assert [each.event for each in messages] == ["end"]


def test_a_reader_that_comes_back_gets_what_it_missed_and_nothing_else(http: httpx.Client) -> None:
    task_id = submit(http, "step", "step", "step")
    finished(http, task_id)

    for after in range(5):
        with following(http, task_id, after) as messages:
            assert _numbers(list(messages)) == list(range(after + 1, 6))


def test_readers_that_come_while_events_are_written_see_each_event_once(http: httpx.Client) -> None:
    task_id = submit(http, *["step"] * 60)
    seen: list[list[int]] = []

    def read() -> None:
        with following(http, task_id) as messages:
            seen.append(_numbers(list(messages)))

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
        reader.join(0.05)
    for reader in readers:
        reader.join(PATIENCE)

    assert seen == [list(range(1, 63))] * 8


def test_an_answer_given_elsewhere_shows_in_every_stream(http: httpx.Client) -> None:
    task_id = submit(http, "ask")
    wait_for_status(http, task_id, "waiting")

    with following(http, task_id) as one, following(http, task_id) as other:
        assert [json.loads(next(one).data)["body"]["type"] for _ in range(2)][1] == "ApprovalRequested"
        http.post(f"/v1/tasks/{task_id}/approve", json={})
        kinds = [json.loads(each.data)["body"]["type"] for each in other if each.event == "task"]

    assert kinds == ["TaskSubmitted", "ApprovalRequested", "ApprovalResolved", "TaskFinished"]


def test_an_unknown_task_has_no_stream(http: httpx.Client) -> None:
    answer = http.get("/v1/tasks/no-such-task/events", headers={"Accept": "text/event-stream"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_reader_that_stops_reading_is_dropped_and_resumes(
    daemon: DaemonProcess, http: httpx.Client
) -> None:
    # Each event is far larger than what the socket and the server hold back for a reader.
    task_id = submit(http, *["large:400000"] * 40)
    with socket.socket(socket.AF_UNIX) as sleeper:
        sleeper.connect(daemon.registration["socket"])
        request = f"GET /v1/tasks/{task_id}/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
        sleeper.sendall(request.encode())
        assert sleeper.recv(16)
        # The task gets on, whoever sleeps.
        finished(http, task_id)
        for _ in until(PATIENCE):
            if "ratchet_sse_dropped_total 1.0" in http.get("/v1/metrics").text:
                break
        received = b""
        while data := sleeper.recv(1 << 20):
            received += data
    assert b"event: end" not in received
    assert "ratchet_sse_clients 0.0" in http.get("/v1/metrics").text

    numbers = [int(line[4:]) for line in received.split(b"\n") if line.startswith(b"id: ")]
    whole = numbers[:-1]
    with following(http, task_id, after=whole[-1]) as messages:
        assert whole + _numbers(list(messages)) == list(range(1, 43))


def test_a_stream_says_that_it_is_alive(start: Start) -> None:
    daemon = start("--keep-alive", "0.5")
    with daemon.client() as http:
        task_id = submit(http, "ask")
        headers = {"Accept": "text/event-stream"}
        with http.stream("GET", f"/v1/tasks/{task_id}/events", headers=headers) as response:
            lines = response.iter_lines()
            assert ": keep-alive" in lines


@pytest.mark.parametrize("value", ["-1", "x", "99999999999999999999"])
def test_a_last_event_id_that_is_no_number_is_refused(http: httpx.Client, value: str) -> None:
    task_id = submit(http)

    answer = http.get(f"/v1/tasks/{task_id}/events", headers={"Last-Event-ID": value})

    assert answer.status_code == 422
