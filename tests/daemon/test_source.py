"""A file as a task found it over HTTP: byte by byte, and a clear word where there is none."""

import asyncio
import shutil
from pathlib import Path

import httpx
import pytest

from agent.client.client import Client
from agent.client.registration import Address
from agent.daemon.source import LARGEST
from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.errors import RatchetError
from agent.protocol.event import SnapshotTaken
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.store import Store
from tests.daemon.daemon_process import DaemonProcess, submit, wait_for_status
from tests.repo.project import Project

ODD = b"\xff\x00caf\xc3\xa9\r\n"


@pytest.fixture
def project(tmp_path: Path, daemon: DaemonProcess) -> Project:
    made = Project(tmp_path / "project", daemon.state).init()
    made.write("src/a b*.py", "one\n")
    made.write("odd.bin", ODD)
    made.write("large.txt", b"x" * (LARGEST + 1))
    (made.root / "link").symlink_to("odd.bin")
    made.commit()
    made.write("src/a b*.py", "one, not committed\n")
    return made


@pytest.fixture
def task_id(project: Project) -> str:
    """A task on the files as they were, which have changed since."""
    snapshot = Store.open(project.root, project.state).snapshot()
    database = Database.open(project.state)
    spec = TaskSpec(kind=TaskKind.FIX, repository=str(project.root), tests=("ask",))
    made = TaskStore(database).create(spec, facts=(("snapshot", SnapshotTaken(snapshot=snapshot)),))
    database.close()
    project.write("src/a b*.py", "two\n")
    return made.task_id


def _source(daemon: DaemonProcess, task_id: str, path: str) -> bytes:
    """Return what the client gets."""

    async def find() -> Address:
        return Address(socket=daemon.registration["socket"])

    async def ask() -> bytes:
        async with Client(find) as client:
            return await client.source(task_id, path)

    return asyncio.run(ask())


def test_a_file_comes_as_the_task_found_it_byte_by_byte(daemon: DaemonProcess, task_id: str) -> None:
    assert _source(daemon, task_id, "src/a b*.py") == b"one, not committed\n"
    assert _source(daemon, task_id, "odd.bin") == ODD
    with pytest.raises(RatchetError, match=r"no file src/b\.py") as none:
        _source(daemon, task_id, "src/b.py")
    assert (none.value.code, none.value.hint) == ("no-such-file", "the path is from the top")


NONE = {
    404: ("src", "src/", "src/*.py", "link", "../project/odd.bin", "/etc/passwd", "--help", ":(top)odd.bin"),
    413: ("large.txt",),
    422: ("", "a\0b"),
}


def test_what_is_no_file_of_that_tree_is_said_to_be_none(http: httpx.Client, task_id: str) -> None:
    where = f"/v1/tasks/{task_id}/source"
    found = {path: http.get(where, params={"path": path}).status_code for path in sum(NONE.values(), ())}
    assert found == {path: status for status, paths in NONE.items() for path in paths}


def test_files_that_were_tidied_away_are_said_to_be_gone(
    http: httpx.Client, project: Project, task_id: str
) -> None:
    shutil.rmtree(project.state / "repositories")

    problem = http.get(f"/v1/tasks/{task_id}/source", params={"path": "odd.bin"}).json()

    assert (problem["status"], problem["type"]) == (410, "urn:ratchet:files-gone")


def test_a_task_that_has_not_begun_and_one_that_nobody_knows_have_no_files(http: httpx.Client) -> None:
    waiting = submit(http, "ask")
    wait_for_status(http, waiting, "waiting")
    for known, code in ((waiting, "no-such-file"), ("no-such-task", "no-such-task")):
        answer = http.get(f"/v1/tasks/{known}/source", params={"path": "a.py"})
        assert (answer.status_code, answer.json()["type"]) == (404, f"urn:ratchet:{code}")
