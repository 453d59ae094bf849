"""A worker process that nobody listens to any more."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.task import TaskKind, TaskSpec
from tests.daemon.daemon_process import PATIENCE, ROOT, STORY


def test_a_worker_that_hears_late_that_its_daemon_died_ends_before_it_records_anything(
    tmp_path: Path,
) -> None:
    with closing(Database.open(tmp_path)) as database:
        store = TaskStore(database)
        spec = TaskSpec(kind=TaskKind.FIX, repository="/r", tests=("progress:3",))
        task_id = store.create(spec).task_id
        listening, reports = os.pipe()
        command = [sys.executable, "-P", "-m", "agent.daemon.worker_process", "--state", str(tmp_path)]
        worker = subprocess.Popen(
            [*command, "--story", STORY, "--machine", "here"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            # Open for as long as the worker lives: the end of the orders is what it is late to hear.
            stdin=subprocess.PIPE,
            stdout=reports,
            start_new_session=True,
        )
        os.close(reports)
        os.close(listening)

        assert worker.wait(PATIENCE) == -signal.SIGKILL
        assert [event.step_key for event in store.events(task_id)] == ["submit"]
    assert worker.stdin is not None
    worker.stdin.close()
