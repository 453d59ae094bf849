"""Who is let in: the user's own processes, and over TCP whoever shows a token that reaches far enough."""

import json
import stat
from pathlib import Path

import httpx
import pytest

from tests.daemon.conftest import Start
from tests.daemon.daemon_process import DaemonProcess, finished, spec, submit, wait_for_status

READ = [("GET", "/v1/tasks"), ("GET", "/v1/health"), ("GET", "/v1/metrics"), ("GET", "/v1/repositories")]
SUBMIT = [("POST", "/v1/tasks")]
CONTROL = [("POST", f"/v1/tasks/none/{verb}") for verb in ("cancel", "pause", "resume", "retry")]
APPROVE = [("POST", f"/v1/tasks/none/{verb}") for verb in ("approve", "deny")]
ALL = {"read": READ, "submit": SUBMIT, "control": CONTROL, "approve": APPROVE}


def _ask(http: httpx.Client, method: str, path: str) -> int:
    body = spec() if path == "/v1/tasks" else {}
    return http.request(method, path, json=body if method == "POST" else None).status_code


@pytest.mark.parametrize("given", [[], ["read"], ["submit"], ["control"], ["approve"], list(ALL)])
def test_a_token_opens_what_its_scopes_say_and_nothing_else(daemon: DaemonProcess, given: list[str]) -> None:
    file = daemon.state / "tokens.json"
    known = json.loads(file.read_text())
    file.write_text(json.dumps({**known, "trial": {"token": f"trial-{given}", "scopes": given}}))

    headers = {"Authorization": f"Bearer trial-{given}"}
    with daemon.tcp_client(headers=headers) as tcp, daemon.client(headers=headers) as unix:
        for scope, requests in ALL.items():
            for method, path in requests:
                for http in (tcp, unix):
                    refused = _ask(http, method, path) == 403
                    assert refused == (scope not in given), (scope, path)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer wrong", "Basic Y2xpOng=", "Bearer \xff\xfe", "bearer  x y"],
)
def test_nobody_gets_in_over_tcp_without_a_token_of_ours(daemon: DaemonProcess, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    with daemon.tcp_client(None, headers=headers) as http:
        for method, path in [each for some in ALL.values() for each in some] + [
            ("GET", "/openapi.json"),
            ("GET", "/nothing/here"),
            ("OPTIONS", "/v1/tasks"),
        ]:
            answer = http.request(method, path)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_token_is_refused_on_the_unix_socket_as_well(daemon: DaemonProcess) -> None:
    with daemon.client(headers={"Authorization": "Bearer wrong"}) as http:
        assert http.get("/v1/tasks").status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:80", 200),
        ("evil.example", 421),
        ("evil.example:80", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
    ],
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(
    daemon: DaemonProcess, host: str, status: int
) -> None:
    with daemon.tcp_client() as http:
        assert http.get("/v1/health", headers={"Host": host}).status_code == status


def test_a_name_can_be_allowed(start: Start) -> None:
    daemon = start("--listen", "127.0.0.1:0", "--allow-host", "build.example")
    with daemon.tcp_client() as http:
        assert http.get("/v1/health", headers={"Host": "build.example"}).status_code == 200
        assert http.get("/v1/health", headers={"Host": "other.example"}).status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"])
def test_a_page_of_another_origin_is_refused(daemon: DaemonProcess, origin: str) -> None:
    with daemon.tcp_client() as tcp, daemon.client() as unix:
        assert tcp.get("/v1/health", headers={"Origin": origin}).status_code == 403
        assert unix.get("/v1/health", headers={"Origin": origin}).status_code == 403
        own = f"http://{daemon.registration['tcp']}"
        assert tcp.get("/v1/health", headers={"Origin": own}).status_code == 200


def test_the_front_end_that_a_token_names_stands_in_the_task(daemon: DaemonProcess) -> None:
    with daemon.tcp_client("bot") as bot, daemon.client() as http:
        task_id = submit(bot, "ask", front_end="cli")
        view = wait_for_status(http, task_id, "waiting")
        assert view["spec"]["front_end"] == "bot"
        assert bot.post(f"/v1/tasks/{task_id}/approve", json={}).status_code == 403
        bot.post(f"/v1/tasks/{task_id}/cancel")
        finished(http, task_id)
        events = http.get(f"/v1/tasks/{task_id}/events").json()
        assert [e["body"]["by"][:4] for e in events if e["body"]["type"] == "CancelRequested"] == ["bot:"]


def test_only_the_user_can_open_the_socket_and_the_tokens(daemon: DaemonProcess) -> None:
    for path in (daemon.registration["socket"], daemon.state / "tokens.json", daemon.state / "daemon.json"):
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_no_token_and_no_password_gets_into_the_log(daemon: DaemonProcess) -> None:
    with daemon.tcp_client() as http:
        submit(http, repository="/nowhere?token=ghp_0123456789abcdefghij")
        http.get("/v1/tasks/x", headers={"Authorization": "Bearer hunter2hunter2"})

    text = (daemon.state / "logs" / "daemon.log").read_text()
    assert daemon.token("cli") not in text
    assert "hunter2" not in text
    assert "ghp_" not in text
