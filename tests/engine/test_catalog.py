"""Lists of tasks: complete, in order, and found along an index."""

import pytest
from sqlalchemy import Connection, CursorResult, TextClause, bindparam, text

from agent.engine.schema import TASKS
from agent.engine.turns import Turns, next_turn
from agent.protocol.errors import UsageError
from agent.protocol.outcome import Outcome
from agent.protocol.summary import Status, TaskSummary
from tests.engine.rig import Rig


def _all(rig: Rig, **wanted: object) -> list[TaskSummary]:
    """Return what all pages have."""
    found: list[TaskSummary] = []
    cursor = None
    while True:
        page = rig.catalog.page(cursor=cursor, limit=3, **wanted)  # type: ignore[arg-type]
        found += page.tasks
        cursor = page.cursor
        if cursor is None:
            return found


def test_pages_hold_every_task_once_and_the_newest_first(rig: Rig) -> None:
    tasks = [rig.submit() for _ in range(10)]
    assert [one.task_id for one in _all(rig)] == tasks[::-1]
    first = rig.catalog.page(limit=5)
    newer = rig.submit()
    second = rig.catalog.page(limit=5, cursor=first.cursor)
    assert [one.task_id for one in first.tasks + second.tasks] == tasks[::-1]
    assert second.cursor is None
    assert rig.catalog.page(limit=1).tasks[0].task_id == newer


def test_a_page_can_be_asked_for_one_status_repository_or_parent(rig: Rig) -> None:
    queued, running, paused, waiting, done = (
        rig.submit(),
        *(
            rig.submit(command, repository=f"/{n}", priority=n, parent="p" if n == 4 else None)
            for n, command in ((1, None), (2, None), (3, "ask"), (4, None))
        ),
    )
    rig.run_all(only=[waiting])
    rig.run_all(only=[done])
    rig.control.pause(paused, by="t")
    assert rig.queue(only=[running]).claim(rig.owner()) is not None
    for status, task in (
        (Status.QUEUED, queued),
        (Status.RUNNING, running),
        (Status.PAUSED, paused),
        (Status.WAITING, waiting),
        (Status.FINISHED, done),
    ):
        assert [(one.task_id, one.status) for one in _all(rig, status=status)] == [(task, status)]
    assert [one.task_id for one in _all(rig, repository="/2")] == [paused]
    assert [one.task_id for one in _all(rig, parent="p")] == [done]
    assert _all(rig, parent="p", status=Status.QUEUED) == []
    open_ones = (Status.QUEUED, Status.RUNNING, Status.PAUSED, Status.WAITING)
    assert rig.catalog.counts() == dict.fromkeys(open_ones, 1)


def test_a_summary_says_how_far_a_task_is_and_what_it_cost(rig: Rig) -> None:
    task = rig.submit(steps=3, priority=7)
    rig.run_all()
    summary = rig.catalog.summary(task)
    assert (summary.seq, summary.step, summary.outcome) == (5, "finish", Outcome.NO_PATCH)
    assert (summary.cost_usd, summary.priority, summary.reason) == (0.75, 7, "done")


def test_a_view_has_the_report_of_a_finished_task_only(rig: Rig) -> None:
    task = rig.submit()
    assert rig.catalog.view(task).report is None
    rig.run_all()
    view = rig.catalog.view(task)
    assert view.report is not None and view.report.outcome is Outcome.NO_PATCH
    assert view.spec.repository == "/r"


def test_repositories_are_listed_with_their_tasks(rig: Rig) -> None:
    rig.submit(repository="/a")
    newest_b = rig.submit(repository="/b")
    rig.run_all()
    newest_a = rig.submit(repository="/a")
    uses = rig.catalog.repositories()
    assert [(use.repository, use.tasks, use.open, use.newest) for use in uses] == [
        ("/a", 2, 1, newest_a),
        ("/b", 1, 0, newest_b),
    ]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "²", "9" * 19, "1; --"])
def test_a_cursor_that_no_page_ended_with_is_refused(rig: Rig, cursor: str) -> None:
    with pytest.raises(UsageError, match="cursor"):
        rig.catalog.page(cursor=cursor)


def test_a_page_is_never_larger_than_its_bound(rig: Rig) -> None:
    rig.submit()
    rig.submit()
    assert len(rig.catalog.page(limit=0).tasks) == 1
    assert len(rig.catalog.page(limit=10**9).tasks) == 2


def test_no_frequent_question_reads_every_task(rig: Rig) -> None:
    if not rig.database.is_sqlite:
        _fill(rig, 3000)
    for query in (
        "SELECT * FROM tasks WHERE status = 'paused' AND outcome IS NULL ORDER BY number DESC LIMIT 51",
        "SELECT * FROM tasks WHERE repository = '/r7' ORDER BY number DESC LIMIT 51",
        "SELECT * FROM tasks WHERE parent = 'x' ORDER BY number DESC LIMIT 51",
        "SELECT * FROM tasks WHERE number < 77 ORDER BY number DESC LIMIT 51",
        "SELECT min(repository) FROM tasks WHERE status = 'queued' AND token IS NULL",
        "SELECT number FROM tasks WHERE repository = '/r7' AND status = 'queued' AND token IS NULL"
        " ORDER BY priority, number LIMIT 1",
        "SELECT count(*) FROM tasks WHERE repository = '/r7' AND token IS NOT NULL",
        "SELECT task_id FROM tasks WHERE token IS NOT NULL",
    ):
        plan = _plan(rig, query)
        assert "Seq Scan" not in plan and "SCAN tasks\n" not in plan, (query, plan)


def test_finding_the_next_turn_reads_no_finished_task(rig: Rig) -> None:
    if not rig.database.is_sqlite:
        _fill(rig, 3000)
    task = rig.submit(repository="/other")

    with rig.database.read() as connection:
        explained = _Explained(connection, "EXPLAIN QUERY PLAN " if rig.database.is_sqlite else "EXPLAIN ")
        turn = next_turn(explained, Turns("here", only=[task]), ["none"])  # type: ignore[arg-type]

    assert turn is not None and turn.task_id == task
    assert "Seq Scan on tasks" not in explained.plan and "SCAN tasks\n" not in explained.plan, explained.plan


class _Explained:
    """A connection that keeps the plan of what it executes."""

    def __init__(self, connection: Connection, explain: str) -> None:
        self._connection = connection
        self._explain = explain
        self.plan = ""

    def execute(self, query: TextClause, values: dict[str, object]) -> CursorResult[tuple[object, ...]]:
        lists = (bindparam(name, expanding=True) for name in ("skipped", "only"))
        explained = text(self._explain + query.text).bindparams(*lists)
        self.plan = "\n".join(str(row[-1]) for row in self._connection.execute(explained, values)) + "\n"
        return self._connection.execute(query, values)


def _fill(rig: Rig, count: int) -> None:
    """Store so many finished tasks that a plan without an index would cost something."""
    rig.submit()
    with rig.database.write() as connection:
        names = [column.name for column in TASKS.columns if column.name not in ("number", "task_id")]
        ended = {"status": "finished", "outcome": "no_patch"}
        kept = ", ".join(f"'{ended[name]}' AS {name}" if name in ended else name for name in names)
        kept = kept.replace("repository", "'/r' || n % 100 AS repository")
        connection.execute(
            text(
                f"INSERT INTO tasks (task_id, {', '.join(names)}) "
                f"SELECT 't' || n, {kept} FROM tasks, generate_series(1, {count}) AS n"
            )
        )
        connection.execute(text("ANALYZE tasks"))


def _plan(rig: Rig, query: str) -> str:
    explain = "EXPLAIN QUERY PLAN " if rig.database.is_sqlite else "EXPLAIN "
    with rig.database.read() as connection:
        return "\n".join(str(row[-1]) for row in connection.execute(text(explain + query))) + "\n"
