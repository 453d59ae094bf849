"""The files of a task's patch over HTTP: whole, byte by byte, and a clear word where there are none."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from agent.client.client import Client
from agent.client.registration import Address
from agent.daemon.patch_files import LARGEST_FILE, LARGEST_SUM, MIB
from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.api import ChangedFile, TaskFiles
from agent.protocol.event import EditsApplied, SnapshotTaken
from agent.protocol.patch import Patch
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.store import Store
from tests.daemon.daemon_process import DaemonProcess, submit, wait_for_status
from tests.repo.project import Project

BINARY = bytes(range(256)) * 4


@pytest.fixture
def project(tmp_path: Path, daemon: DaemonProcess) -> Project:
    """Return a repository whose copy lies in the daemon's state."""
    made = Project(tmp_path / "project", daemon.state).init()
    made.write("a.py", "one\n")
    made.write("gone.bin", BINARY)
    made.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    made.commit()
    return made


def _task(project: Project, changes: Mapping[str, bytes | None], **more: str) -> str:
    """Record a task that has made a patch, and return its id."""
    store = Store.open(project.root, project.state)
    snapshot = store.snapshot()
    tree = store.write(snapshot.tree, changes)
    patch = Patch(base=snapshot.tree, tree=tree, diff="as git has it", files=tuple(changes))
    database = Database.open(project.state)
    spec = TaskSpec(kind=TaskKind.FIX, repository=str(project.root), tests=("ask",), **more)
    facts = (("snapshot", SnapshotTaken(snapshot=snapshot)), ("apply:1", EditsApplied(patch=patch)))
    made = TaskStore(database).create(spec, facts=facts)
    database.close()
    return made.task_id


def _files(daemon: DaemonProcess, task_id: str) -> TaskFiles:
    """Return what the client gets."""

    async def find() -> Address:
        return Address(socket=daemon.registration["socket"])

    async def ask() -> TaskFiles:
        async with Client(find) as client:
            return await client.files(task_id)

    return asyncio.run(ask())


def test_the_files_of_a_patch_are_whole_and_exact(daemon: DaemonProcess, project: Project) -> None:
    changes = {"a.py": b"two\r\n\xff\x00", "gone.bin": None, "new/\u00e4.bin": BINARY, "run.sh": b"exit 1"}
    task_id = _task(project, changes)

    found = _files(daemon, task_id)

    assert found.files == (
        ChangedFile(path="a.py", mode="100644", before=b"one\n", after=b"two\r\n\xff\x00"),
        ChangedFile(path="gone.bin", mode="100644", before=BINARY, after=None),
        ChangedFile(path="new/\u00e4.bin", mode="100644", before=None, after=BINARY),
        ChangedFile(path="run.sh", mode="100755", before=b"#!/bin/sh\n", after=b"exit 1"),
    )
    store = Store.open(project.root, project.state)
    assert found.base == store.snapshot().tree
    assert found.tree == store.write(found.base, changes)


def test_a_task_without_a_patch_has_no_files(daemon: DaemonProcess, http: httpx.Client) -> None:
    task_id = submit(http, "ask")
    wait_for_status(http, task_id, "waiting")

    assert _files(daemon, task_id).files == ()


def test_an_unknown_task_has_no_files(http: httpx.Client) -> None:
    answer = http.get("/v1/tasks/no-such-task/files")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:ratchet:no-such-task")


def test_a_file_that_is_too_large_is_refused_by_name(http: httpx.Client, project: Project) -> None:
    task_id = _task(project, {"a.py": b"x" * (LARGEST_FILE + 1)})

    problem = http.get(f"/v1/tasks/{task_id}/files").json()

    assert (problem["status"], problem["type"]) == (413, "urn:ratchet:files-too-large")
    assert problem["detail"] == "a.py is larger than 8 MiB"
    assert "ratchet tasks patch" in problem["hint"]


def test_files_that_are_too_large_together_are_refused(http: httpx.Client, project: Project) -> None:
    each = b"x" * (LARGEST_FILE - MIB)
    changes = {f"{number}.txt": each + bytes([number]) for number in range(LARGEST_SUM // len(each) + 1)}
    task_id = _task(project, changes)

    problem = http.get(f"/v1/tasks/{task_id}/files").json()

    assert (problem["status"], problem["detail"]) == (
        413,
        "the files of this patch are larger than 64 MiB together",
    )


def test_files_that_were_tidied_away_are_said_to_be_gone(http: httpx.Client, project: Project) -> None:
    task_id = _task(project, {"a.py": b"two\n"})
    shutil.rmtree(project.state / "repositories")

    problem = http.get(f"/v1/tasks/{task_id}/files").json()

    assert (problem["status"], problem["type"]) == (410, "urn:ratchet:files-gone")
    assert "ratchet tasks patch" in problem["hint"]


def test_the_files_of_a_repository_on_another_machine_are_not_looked_for_here(
    http: httpx.Client, project: Project
) -> None:
    task_id = _task(project, {"a.py": b"two\n"}, machine="elsewhere")

    problem = http.get(f"/v1/tasks/{task_id}/files").json()

    assert problem["status"] == 410
    assert "elsewhere" in problem["detail"]


def test_a_repository_that_is_no_longer_there_is_named(http: httpx.Client, project: Project) -> None:
    task_id = _task(project, {"a.py": b"two\n"})
    shutil.rmtree(project.root)

    problem = http.get(f"/v1/tasks/{task_id}/files").json()

    assert problem["status"] == 404
    assert str(project.root) in problem["detail"]
