"""What must hold when all tasks have ended, whoever was killed meanwhile."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import func, select

from agent.engine.schema import CHECKPOINTS, EFFECTS, EVENTS, TASKS
from agent.engine.store import TaskStore
from agent.protocol.event import Event
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, fold
from agent.repo import delivery, journal
from agent.repo.store import Store
from tests.kill.repositories import UserRepository
from tests.kill.stage import Stage

PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)


def faults(
    stage: Stage, repositories: Sequence[UserRepository], outcomes: Sequence[Outcome] = PROVEN
) -> list[str]:
    """Return what does not hold of the tasks and the repositories of a stage."""
    with stage.store() as store:
        logs = {task_id: store.events(task_id) for task_id in _all_tasks(store)}
        found = [*_of_tables(store), *_of_tasks(stage, logs, outcomes)]
    for repository in repositories:
        mine = {t: log for t, log in logs.items() if fold(log).spec.repository == str(repository.path)}
        found += [f"{repository.path.name}: {fault}" for fault in _of_repository(stage, repository, mine)]
    return found


def _all_tasks(store: TaskStore) -> list[str]:
    with store.database.read() as connection:
        return list(connection.scalars(select(EVENTS.c.task_id).distinct()))


def _of_tables(store: TaskStore) -> Iterator[str]:
    with store.database.read() as connection:
        if store.database.is_sqlite:
            said = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            if said != "ok":
                yield f"the database is damaged: {said}"
        rows, tasks = connection.scalars(select(TASKS.c.task_id)).all(), set(_all_tasks(store))
        if len(rows) != len(set(rows)) or set(rows) != tasks:
            yield f"rows {sorted(rows)} for the tasks {sorted(tasks)}"
        for row in connection.execute(
            select(TASKS.c.task_id, TASKS.c.owner).where(TASKS.c.token.is_not(None))
        ):
            yield f"{row.task_id} is still held by {row.owner}"
        if left := connection.scalar(select(func.count()).select_from(CHECKPOINTS)):
            yield f"{left} checkpoints are left"
        for row in connection.execute(select(EFFECTS).where(EFFECTS.c.result.is_(None))):
            yield f"the effect {row.key} was intended and has no result"


def _of_tasks(stage: Stage, logs: Mapping[str, list[Event]], outcomes: Sequence[Outcome]) -> Iterator[str]:
    children = [child for log in logs.values() for child in fold(log).children or ()]
    expected = Counter([*stage.tasks, *children])
    if Counter(logs.keys()) != expected:
        yield f"tasks {sorted(logs)} instead of {sorted(expected.elements())}"
    for task_id, log in logs.items():
        yield from (f"{task_id}: {fault}" for fault in _of_log(log, outcomes))
        heard = stage.heard.get(task_id)
        if heard and [event.seq for event in heard] != [event.seq for event in log]:
            yield f"{task_id}: its follower heard {[event.seq for event in heard]} of {len(log)} events"


def _of_log(log: Sequence[Event], outcomes: Sequence[Outcome]) -> Iterator[str]:
    if [event.seq for event in log] != list(range(1, len(log) + 1)):
        yield f"events are numbered {[event.seq for event in log]}"
    yield from (f"step {key} was recorded {n} times" for key, n in _repeated(e.step_key for e in log))
    state = fold(log)
    if state.finished is None:
        yield f"ended after {[event.step_key for event in log]} without being finished"
    elif state.finished.outcome not in outcomes:
        yield f"ended as {state.finished.outcome}: {state.finished.reason} {state.finished.log}"


def _of_repository(
    stage: Stage, repository: UserRepository, logs: Mapping[str, list[Event]]
) -> Iterator[str]:
    states = [fold(log) for log in logs.values()]
    delivered = [state for state in states if state.delivered is not None]
    named = Counter(repository.tasks_of_commits())
    if named != Counter(state.task_id for state in delivered):
        yield f"commits {dict(named)} for the tasks {[state.task_id for state in delivered]}"
    yield from _of_refs(repository, delivered)
    yield from _of_applied(stage, repository, [s for s in delivered if s.delivered and s.delivered.applied])
    yield from _of_files(repository, delivered)
    if repository.ran.exists():
        yield f"hooks were run: {repository.ran.read_text().split()}"
    if said := repository.git("fsck", "--strict", "--no-dangling"):
        yield f"git fsck says {said}"


def _of_refs(repository: UserRepository, delivered: Sequence[TaskState]) -> Iterator[str]:
    wanted = dict(repository.before.refs)
    for state in delivered:
        assert state.delivered is not None and state.snapshot is not None and state.patch is not None
        wanted[f"refs/heads/{state.delivered.branch}"] = state.delivered.commit
        shown = repository.git("show", "-s", "--format=%T %P", state.delivered.commit)
        if shown != f"{state.patch.tree} {state.snapshot.commit}":
            yield f"{state.delivered.branch} has {shown}"
    present = repository.look().refs
    if present != wanted:
        yield f"refs are {present} instead of {wanted}"


def _of_applied(stage: Stage, repository: UserRepository, applied: Sequence[TaskState]) -> Iterator[str]:
    """Compare what was applied with what was proven, and take it back."""
    store = Store.open(repository.path, stage.state)
    entries = [journal.of_task(store, state.task_id) for state in applied]
    written = len(list((store.objects.home / "applied").glob("*.json")))
    if None in entries or written != len(applied):
        yield f"{written} entries in the journal for {len(applied)} tasks"
    for state in reversed(applied):
        assert state.delivered is not None and state.patch is not None
        for path in state.patch.files:
            if (repository.path / path).read_bytes() != repository.shown(state.delivered.commit, path):
                yield f"{path} is not as {state.task_id} has proven it"
        undone = delivery.undo(store)
        if undone.task_id != state.task_id:
            yield f"undo took back {undone.task_id} instead of {state.task_id}"


def _of_files(repository: UserRepository, delivered: Sequence[TaskState]) -> Iterator[str]:
    """Compare every file with what it was, after whatever was applied has been taken back."""
    branches = [state.delivered.branch for state in delivered if state.delivered]
    allowed = {f".git/{kind}refs/heads/{branch}" for branch in branches for kind in ("", "logs/")}
    now, before = repository.look(), repository.before
    for path in sorted(now.files.keys() | before.files.keys()):
        if path not in allowed and now.files.get(path) != before.files.get(path):
            yield f"{path} was {before.files.get(path)} and is {now.files.get(path)}"
    if lost := before.objects - now.objects:
        yield f"{len(lost)} objects are gone"


def _repeated(keys: Iterable[str]) -> list[tuple[str, int]]:
    return [(key, count) for key, count in Counter(keys).items() if count > 1]
