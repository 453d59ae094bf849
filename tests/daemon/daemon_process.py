"""A real daemon in a process of its own, for tests and benchmarks, with the scripted story."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from httpx_sse import EventSource, ServerSentEvent

ROOT = Path(__file__).parents[2]
STORY = "tests.daemon.scripted_story:ScriptedStory"
PATIENCE = 60.0
"""Seconds; the machine may be busy."""


class DaemonProcess:
    """One daemon on a state directory; the process is a group leader, as a started one is."""

    def __init__(self, state: Path, *options: str, environ: Mapping[str, str] | None = None) -> None:
        self.state = state
        command = [sys.executable, "-P", "-m", "agent.daemon", "--state", str(state), "--story", STORY]
        self.process = subprocess.Popen(
            [*command, "--idle-minutes", "0", *options],
            env={**_environment(), **(environ or {})},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> "DaemonProcess":
        self.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def registration(self) -> dict[str, Any]:
        """Return the content of daemon.json."""
        return dict(json.loads((self.state / "daemon.json").read_text()))

    def wait_until_ready(self) -> None:
        """Return once it answers; raises AssertionError with what it said when it ends before."""
        for _ in until(PATIENCE):
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended: {self.said()}")
            with contextlib.suppress(OSError, ValueError, httpx.TransportError), self.client() as http:
                if self.registration["pid"] == self.process.pid and http.get("/v1/health").is_success:
                    return

    def client(self, **options: Any) -> httpx.Client:
        """Return a client over the Unix socket; the caller closes it."""
        transport = httpx.HTTPTransport(uds=self.registration["socket"])
        return httpx.Client(transport=transport, base_url="http://localhost", timeout=PATIENCE, **options)

    def tcp_client(self, front_end: str | None = "cli", **options: Any) -> httpx.Client:
        """Return a client over TCP with the token of a front end, or none."""
        headers = {} if front_end is None else {"Authorization": f"Bearer {self.token(front_end)}"}
        url = f"http://{self.registration['tcp']}"
        return httpx.Client(base_url=url, timeout=PATIENCE, **{"headers": headers, **options})

    def token(self, front_end: str) -> str:
        """Return the token of a front end."""
        return str(json.loads((self.state / "tokens.json").read_text())[front_end]["token"])

    def log(self) -> list[dict[str, Any]]:
        """Return the entries of its log."""
        text = (self.state / "logs" / "daemon.log").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def workers(self) -> list[int]:
        """Return the process ids of the workers on its state directory that are alive."""
        return processes_with("agent.daemon.worker_process", str(self.state))

    def stop(self) -> int:
        """End it in good order and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End its process group as an out-of-memory killer or a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Return its exit status once it has ended."""
        status = self.process.wait(PATIENCE)
        if self.process.stderr is not None and not self.process.stderr.closed:
            self._said = self.process.stderr.read()
            self.process.stderr.close()
        return status

    def said(self) -> str:
        """Return what it wrote to stderr, once it has ended."""
        self.wait()
        return self._said


def _environment() -> dict[str, str]:
    """Return an environment in which byte code is cached, as it is on a user's machine, but out of sight."""
    found = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cache = ROOT / ".work" / "pycache"
    ours = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(cache), "RATCHET_CONFIG": "/nonexistent"}
    return {**found, **ours}


def spec(*words: str, repository: str = "/nowhere", **more: Any) -> dict[str, Any]:
    """Return a task that does what the words say."""
    return {"kind": "fix", "repository": repository, "tests": list(words), **more}


def submit(http: httpx.Client, *words: str, **more: Any) -> str:
    """Submit a task and return its id."""
    answer = http.post("/v1/tasks", json=spec(*words, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["summary"]["task_id"])


@contextlib.contextmanager
def following(http: httpx.Client, task_id: str, after: int = 0) -> Iterator[Iterator[ServerSentEvent]]:
    """Open a task's event stream."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
    with http.stream("GET", f"/v1/tasks/{task_id}/events", headers=headers) as response:
        assert response.status_code == 200, response.read()
        yield EventSource(response).iter_sse()


def finished(http: httpx.Client, task_id: str) -> dict[str, Any]:
    """Return a task's view once it is finished."""
    return wait_for_status(http, task_id, "finished")


def wait_for_status(http: httpx.Client, task_id: str, *statuses: str) -> dict[str, Any]:
    """Return a task's view once it has one of the statuses."""
    for _ in until(PATIENCE):
        view = http.get(f"/v1/tasks/{task_id}").json()
        if view["summary"]["status"] in statuses:
            return dict(view)
    raise AssertionError(f"task {task_id} did not get to {statuses}: {view['summary']}")


def until(seconds: float, pause: float = 0.05) -> Iterator[None]:
    """Yield again and again until the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(pause)


def processes_with(*words: str) -> list[int]:
    """Return the ids of the processes whose command line has all the words and that run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if _has(command, words) and state != "Z":
                found.append(int(folder.name))
    return found


def _has(command: Sequence[bytes], words: Sequence[str]) -> bool:
    return all(word.encode() in command for word in words)
