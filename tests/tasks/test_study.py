"""What the turns of a task share."""

import gc
import threading
import weakref
from contextlib import closing
from pathlib import Path

from agent.engine.checkpoints import Checkpoints
from agent.engine.database import Database
from agent.engine.lease import Lease
from agent.engine.outbox import Outbox
from agent.engine.store import Created
from agent.engine.story import Hold
from agent.protocol.progress import silent
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.context import Context
from agent.tasks.study import Study
from tests.repo.project import Project


def test_what_was_read_of_the_index_goes_with_its_task(tmp_path: Path) -> None:
    project = Project(tmp_path / "repo", tmp_path / "state").init()
    project.write("a.py", "def one():\n    return 1\n")
    commit = project.commit()
    spec = TaskSpec(kind=TaskKind.ASK, repository=str(project.root))
    with closing(Database.open(project.state)) as database:
        study = Study(Context(spec, project.state, _hold(database)))
        search = study._search(commit)
        list(search.prepare())
        gc.freeze()
        gone = weakref.ref(search.ground)
        del search
        study.close()
        assert gone() is None
        assert gc.get_freeze_count() > 0


def _hold(database: Database) -> Hold:
    lease = Lease("t1", "token", "owner")
    return Hold(
        task_id="t1",
        interrupt=threading.Event(),
        checkpoints=Checkpoints(database, lease),
        outbox=Outbox(database, lease),
        on_progress=silent,
        split=lambda spec, task_id, facts: Created(task_id, fresh=True),
    )
