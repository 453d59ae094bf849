"""Several daemons on one PostgreSQL: one queue, one truth, and nobody knows how many there are."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.daemon.open_tasks import needs
from tests.daemon.conftest import Start
from tests.daemon.daemon_process import PATIENCE, finished, following, submit, until, wait_for_status
from tests.postgres import Cluster, running_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Return a PostgreSQL server."""
    with running_cluster() as started:
        yield started


@pytest.fixture
def environ(cluster: Cluster, request: pytest.FixtureRequest) -> dict[str, str]:
    """Return an environment that names an empty database."""
    return {"RATCHET_DATABASE_URL": cluster.create(request.node.name[:60])}


def test_a_task_submitted_here_is_followed_and_cancelled_there(
    start: Start, tmp_path: Path, environ: dict[str, str]
) -> None:
    first = start(state=tmp_path / "a", environ=environ)
    second = start("--workers", "1", state=tmp_path / "b", environ=environ)
    with first.client() as here, second.client() as there:
        task_id = submit(here, "ask", "sleep:600")
        wait_for_status(there, task_id, "waiting")
        with following(there, task_id) as messages:
            kinds = [json.loads(next(messages).data)["body"]["type"] for _ in range(2)]
            assert kinds == ["TaskSubmitted", "ApprovalRequested"]
            here.post(f"/v1/tasks/{task_id}/approve", json={})
            assert json.loads(next(messages).data)["body"]["type"] == "ApprovalResolved"
            wait_for_status(here, task_id, "running")
            there.post(f"/v1/tasks/{task_id}/cancel")
            ends = [each.event for each in messages]
        assert ends[-1] == "end"
        assert finished(here, task_id)["summary"]["outcome"] == "interrupted"


@pytest.mark.long
def test_a_stuck_step_is_ended_by_the_daemon_that_runs_it_whoever_was_asked(
    start: Start, tmp_path: Path, environ: dict[str, str]
) -> None:
    first = start(state=tmp_path / "a", environ=environ)
    with first.client() as here:
        task_id = submit(here, "stuck:600")
        wait_for_status(here, task_id, "running")
        second = start(state=tmp_path / "b", environ=environ)
        with second.client() as there:
            there.post(f"/v1/tasks/{task_id}/cancel")
            assert finished(there, task_id)["summary"]["outcome"] == "interrupted"
    assert any("a cancelled step went on" in each["message"] for each in first.log())


@pytest.mark.long
def test_the_tasks_of_a_killed_daemon_are_done_by_another(
    start: Start, tmp_path: Path, environ: dict[str, str]
) -> None:
    first = start(state=tmp_path / "a", environ=environ)
    with first.client() as here:
        task_id = submit(here, "step", f"once:{tmp_path / 'begun'}", "step")
        for _ in until(PATIENCE):
            if (tmp_path / "begun").exists():
                break
    first.kill()
    second = start(state=tmp_path / "b", environ=environ)
    with second.client() as there:
        assert finished(there, task_id)["summary"]["outcome"] == "unverified"
        keys = [each["step_key"] for each in there.get(f"/v1/tasks/{task_id}/events").json()]
    assert keys == ["submit", "step:0", "step:1", "step:2", "finish"]


def test_what_an_open_task_needs_is_known_wherever_the_tasks_are(
    start: Start, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = start(environ=environ)
    with daemon.client() as http:
        task_id = submit(http, "ask", repository="/needed")
    monkeypatch.setenv("RATCHET_DATABASE_URL", environ["RATCHET_DATABASE_URL"])

    needed = needs(daemon.state, time.time())

    assert task_id in needed.reason
    assert needed.repositories == {"/needed"}


def test_no_password_of_the_database_is_shown(
    start: Start, cluster: Cluster, environ: dict[str, str]
) -> None:
    url = environ["RATCHET_DATABASE_URL"].replace("postgres@", "postgres:hunter2@")
    daemon = start(environ={"RATCHET_DATABASE_URL": url})
    with daemon.client() as http:
        finished(http, submit(http))
        assert "hunter2" not in http.get("/v1/health").text
        for pid in (daemon.process.pid, *daemon.workers()):
            assert b"hunter2" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert "hunter2" not in (daemon.state / "logs" / "daemon.log").read_text()
