"""The published description against the real daemon: what it promises is what is answered."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from tests.daemon.daemon_process import DaemonProcess, finished, submit


def _examined(daemon: DaemonProcess, folder: Path, options: Sequence[str]) -> None:
    """Let schemathesis send whatever the description allows, and a lot that it does not."""
    with daemon.client() as http:
        finished(http, submit(http, "step"))
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "schemathesis"), "run"),
            f"http://{daemon.registration['tcp']}/openapi.json",
            *("--header", f"Authorization: Bearer {daemon.token('cli')}"),
            # The one thing that a run must not do; it has tests of its own.
            *("--exclude-path", "/v1/shutdown"),
            *("--checks", "all", "--no-color"),
            *options,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    errors = [each["message"] for each in daemon.log() if each["level"] == "error"]
    # Some tasks are of a forge, for which this daemon has no key; that is said, and nothing else.
    assert [each for each in errors if not each.startswith("`token` of [bot] names")] == []


def test_every_answer_is_one_that_the_description_has(daemon: DaemonProcess, tmp_path: Path) -> None:
    _examined(daemon, tmp_path, ["--phases", "fuzzing", "--max-examples", "3", "--generation-deterministic"])


@pytest.mark.long
def test_no_request_that_can_be_thought_of_breaks_the_description(
    daemon: DaemonProcess, tmp_path: Path
) -> None:
    _examined(daemon, tmp_path, ["--max-examples", "150", "--generation-database", "none"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/tasks/", 404),
        ("PUT", "/v1/tasks", 405),
        ("GET", "/v1/tasks/no-such-task", 404),
        ("GET", "/v1/tasks/no such task", 422),
        ("GET", "/v1/tasks?limit=0", 422),
        ("GET", "/v1/tasks?cursor=x", 422),
        ("GET", "/v1/tasks?repository=%00", 422),
        ("POST", "/v1/tasks/no-such-task/cancel", 404),
    ],
)
def test_every_error_is_a_problem(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:ratchet:")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"kind": "fix"}',
        b'{"kind": "fix", "repository": 1}',
        b'{"kind": "fix", "repository": "/r", "attended": 1}',
        b'{"kind": "fix", "repository": "/r", "priority": "1"}',
        b'{"kind": "fix", "repository": "/r", "priority": 1001}',
        b'{"kind": "fix", "repository": "/r", "surprise": 1}',
        b'{"kind": "fix", "repository": "/r", "limits": {"seconds": Infinity}}',
        b'{"kind": "fix", "repository": "/r", "limits": {"seconds": 1e999}}',
        b'{"kind": "fix", "repository": "/r", "limits": {"seconds": NaN}}',
        b'{"kind": "fix", "repository": "\\u0000"}',
        b'{"kind": "fix", "repository": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_a_bad_task_is_refused_with_a_reason(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/v1/tasks", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(http: httpx.Client, chunked: bool) -> None:
    data = b"x" * (2 * 1024 * 1024)
    content = iter([data[:1_000_000], data[1_000_000:]]) if chunked else data
    answer = http.post("/v1/tasks", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert "larger than 1048576 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{}x", b'{"drain": "yes"}', b'{"now": true}'])
def test_a_shutdown_that_is_not_understood_stops_nothing(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/v1/shutdown", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert http.get("/v1/health").is_success
