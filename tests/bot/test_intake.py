"""Deliveries over real HTTP to a real daemon: what is answered, and which tasks there are then."""

import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.bot.deliveries import OLD_SECRET, button, comment, encoded, event, headers, ran, signed
from tests.bot.served import LARGEST, Served
from tests.daemon.daemon_process import DaemonProcess


def test_a_delivery_becomes_a_task_that_says_what_happened(
    http: httpx.Client, resting: DaemonProcess
) -> None:
    body = encoded(comment("/ratchet fix tests/test_tax.py", id=101))
    answer = http.post("/webhook", content=body, headers=headers("issue_comment", body, "guid-101"))

    assert answer.status_code == 202
    with resting.client() as daemon:
        spec = daemon.get(f"/v1/tasks/{answer.text.strip()}").json()["spec"]
    assert (spec["kind"], spec["repository"], spec["front_end"]) == ("fix", "github:acme/shop", "bot")
    assert (spec["tests"], spec["command"], spec["attended"]) == (["tests/test_tax.py"], None, True)
    told = {name: value for name, value in spec["trigger"].items() if value not in (None, [])}
    assert told == {
        "happened": "comment",
        "verb": "fix",
        "repository": "acme/shop",
        "number": 12,
        "actor": "ann",
        "delivery": "guid-101",
        "installation": 77,
        "comment": 101,
        "attempt": 1,
    }


def test_several_commands_are_several_tasks_and_what_is_none_is_answered(
    http: httpx.Client, resting: DaemonProcess
) -> None:
    body = encoded(
        comment("/ratchet verify\n\n/ratchet dance\n\n/ratchet explain\n\n/ratchet verify", id=102)
    )
    answer = http.post("/webhook", content=body, headers=headers("issue_comment", body))

    with resting.client() as daemon:
        specs = [daemon.get(f"/v1/tasks/{one}").json()["spec"] for one in answer.text.split()]
    assert [spec["kind"] for spec in specs] == ["verify", "ask", "reply"]
    assert specs[2]["trigger"]["misunderstood"][0]["line"] == "dance"


@pytest.mark.parametrize("known", ["guid", "body", "comment", "nothing"])
def test_what_was_heard_before_leads_to_the_same_task(http: httpx.Client, known: str) -> None:
    number = 200 + len(known)
    first, second = comment(id=number), comment(id=number, more="of it")
    other = encoded(comment(id=number + 50))
    again = {"guid": (other, "g"), "body": (encoded(first), "n"), "comment": (encoded(second), "n")}
    body, guid = again.get(known, (other, "n"))

    def deliver(content: bytes, id: str) -> str:
        name = f"{known}-{id}"
        return http.post("/webhook", content=content, headers=headers("issue_comment", content, name)).text

    assert (deliver(encoded(first), "g") == deliver(body, guid)) is (known != "nothing")


def test_the_secret_before_still_counts(http: httpx.Client) -> None:
    body = encoded(comment(id=103))
    sent = headers("issue_comment", body) | {"X-Hub-Signature-256": signed(body, OLD_SECRET)}
    assert http.post("/webhook", content=body, headers=sent).status_code == 202


@pytest.mark.parametrize(
    ("name", "body", "more", "status"),
    [
        ("ping", b'{"zen": "Keep it logically awesome."}', {}, 200),
        ("issue_comment", encoded(comment(action="edited")), {}, 200),
        ("issue_comment", encoded(comment("no command")), {}, 200),
        (
            "issue_comment",
            encoded({**comment(), "repository": {"id": 1, "full_name": "else/where"}}),
            {},
            200,
        ),
        ("workflow_run", encoded(comment()), {}, 400),
        ("check_run", encoded(ran()), {}, 400),
        ("issue_comment", b"", {}, 400),
        ("issue_comment", b"[]", {}, 400),
        ("issue_comment", b"\xff\xfe", {}, 400),
        ("issue_comment", b'{"comment": 1, "issue": 2}', {}, 400),
        ("issue_comment", b'{"a":' * 30_000, {}, 400),
        ("issue_comment", b'{"comment": {}, "issue": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", {}, 400),
        ("issue_comment", b'{"n": ' + b"9" * 5_000 + b"}", {}, 400),
        ("issue_comment", encoded(comment("/ratchet do \ud800")), {}, 400),
        ("issue_comment", encoded(comment(sender={"login": "", "type": "User"})), {}, 400),
        ("issue_comment", encoded(comment(sender={"login": "\ud800", "type": "User"})), {}, 400),
        ("issue_comment", encoded(comment(sender={"login": "a" * 101, "type": "User"})), {}, 400),
        ("issue_comment", encoded(comment(id=104)), {"X_GitHub_Delivery": "a,b"}, 400),
        ("issue_comment", encoded(comment()), {"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ("issue_comment", encoded(comment()), {"Content_Type": "application/json; charset=utf-7"}, 415),
        ("issue_comment", encoded(comment()), {"Content_Encoding": "gzip"}, 415),
        ("issue_comment", b" " * (LARGEST + 1), {}, 413),
        ("check_run", encoded(button("lgtm")), {}, 200),
        ("issues", encoded(event("opened", {"login": "ann", "type": "User"}, issue={"number": 1})), {}, 200),
    ],
)
def test_what_makes_no_task_is_answered_in_its_own_way(
    http: httpx.Client, name: str, body: bytes, more: dict[str, str], status: int
) -> None:
    answer = http.post("/webhook", content=body, headers=headers(name, body, **more))
    assert (answer.status_code, answer.text) == (status, answer.text)


def test_a_body_in_pieces_is_taken_and_one_without_an_end_is_cut_off(http: httpx.Client) -> None:
    body = encoded(comment(id=105))
    pieces = (body[at : at + 10] for at in range(0, len(body), 10))
    assert http.post("/webhook", content=pieces, headers=headers("issue_comment", body)).status_code == 202

    endless = (b"x" * 10_000 for _ in range(1_000))
    try:
        assert (
            http.post("/webhook", content=endless, headers=headers("issue_comment", body)).status_code == 413
        )
    except httpx.TransportError:
        assert http.get("/healthz").status_code == 200, "only the connection is cut"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/healthz", 200), ("GET", "/", 404), ("POST", "/", 404), ("GET", "/webhook", 405)],
)
def test_nothing_else_answers(http: httpx.Client, method: str, path: str, status: int) -> None:
    assert http.request(method, path).status_code == status


def test_who_sends_slowly_is_cut_off(resting: DaemonProcess) -> None:
    body = encoded(comment(id=106))
    sent = headers("issue_comment", body)
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    whole = f"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode()
    with Served(resting.state, deadline=0.25) as slow:
        for beginning in (b"", whole[:40], whole, whole + body[:-1]):
            with socket.create_connection(("127.0.0.1", slow.port), timeout=60) as stranger:
                stranger.sendall(beginning)
                assert _hangs_up(stranger)


def test_no_more_is_held_at_a_time_than_there_is_room_for(resting: DaemonProcess) -> None:
    large, small = (encoded(comment(id=108, more="x" * size)) for size in (50_000, 10))
    with Served(resting.state, held=40_000) as bot, httpx.Client(timeout=60) as http:
        url = f"http://127.0.0.1:{bot.port}/webhook"
        answers = [
            http.post(url, content=body, headers=headers("issue_comment", body)) for body in (large, small)
        ]
    assert [answer.status_code for answer in answers] == [503, 202]


def _hangs_up(stranger: socket.socket) -> bool:
    try:
        return stranger.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_daemon_that_cannot_be_reached_leaves_the_delivery_for_later(tmp_path: Path) -> None:
    # A file where its folder should be: none can be started.
    (tmp_path / "state").write_text("")
    body = encoded(comment(id=107))
    with Served(tmp_path / "state") as bot:
        began = time.monotonic()
        url = f"http://127.0.0.1:{bot.port}/webhook"
        answer = httpx.post(url, content=body, headers=headers("issue_comment", body), timeout=60)
    # GitHub waits for ten seconds.
    assert (answer.status_code, time.monotonic() - began < 10) == (503, True)
