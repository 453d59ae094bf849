"""The query behind the queue: its cost grows with the repositories that wait, not with the tasks."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Text, TextClause, bindparam, text


@dataclass(frozen=True, slots=True)
class Turns:
    """Which tasks an owner may take."""

    machine: str
    per_repository: int = 2
    """Tasks of one repository that may be worked on at the same time."""
    only: Collection[str] | None = None
    """Ids of tasks; None means any."""


_MINE = """
    status = 'queued' AND token IS NULL AND (affinity IS NULL OR affinity = :machine)
    AND task_id NOT IN :skipped
"""
_AMONG = " AND task_id IN :only"
# The recursion steps from one waiting repository to the next along the index `tasks_ready`;
# SELECT DISTINCT would read every waiting task. No table is joined but all are asked one row at a time,
# because PostgreSQL expects many repositories and would rather read every task that was ever made.
_NEXT = """
WITH RECURSIVE waiting(repository) AS (
    SELECT * FROM (
        SELECT repository FROM tasks WHERE status = 'queued' AND token IS NULL
        ORDER BY repository, priority, number LIMIT 1
    ) AS first
    UNION ALL
    SELECT (
        SELECT repository FROM tasks
        WHERE status = 'queued' AND token IS NULL AND repository > waiting.repository
        ORDER BY repository, priority, number LIMIT 1
    )
    FROM waiting WHERE waiting.repository IS NOT NULL
),
first(repository, number) AS MATERIALIZED (
    SELECT repository, (
        SELECT number FROM tasks WHERE repository = waiting.repository AND {mine}
        ORDER BY priority, number LIMIT 1
    )
    FROM waiting
    WHERE (
        SELECT count(*) FROM (
            SELECT 1 FROM tasks
            WHERE repository = waiting.repository AND token IS NOT NULL AND task_id <> :beside
            LIMIT :per_repository
        ) AS held
    ) < :per_repository
)
SELECT task_id, repository, priority, tries FROM tasks WHERE number = (
    SELECT number FROM first WHERE number IS NOT NULL
    ORDER BY
        (SELECT priority FROM tasks WHERE tasks.number = first.number),
        coalesce((SELECT served FROM shares WHERE shares.repository = first.repository), 0),
        number
    LIMIT 1
)
"""
_COUNT = """
SELECT count(*) FROM (SELECT repository FROM tasks WHERE {mine}) AS ready WHERE repository NOT IN (
    SELECT repository FROM tasks WHERE token IS NOT NULL AND task_id <> :beside
    GROUP BY repository HAVING count(*) >= :per_repository
)
"""


def next_turn(
    connection: Connection, turns: Turns, skipped: Collection[str], beside: str = ""
) -> Row[Any] | None:
    """Return task_id, repository, priority and tries of the task whose turn it is.

    The task `beside` does not count against its repository's limit.
    """
    query = _query(_NEXT, turns.only is not None)
    return connection.execute(query, _values(turns, skipped, beside)).first()


def count_ready(connection: Connection, turns: Turns, skipped: Collection[str]) -> int:
    """Return how many tasks could be taken now."""
    query = _query(_COUNT, turns.only is not None)
    return int(connection.execute(query, _values(turns, skipped, "")).scalar_one())


@cache
def _query(pattern: str, narrowed: bool) -> TextClause:
    mine = _MINE + _AMONG if narrowed else _MINE
    lists = ("skipped", "only") if narrowed else ("skipped",)
    query = text(pattern.format(mine=mine))
    return query.bindparams(*(bindparam(name, expanding=True, type_=Text()) for name in lists))


def _values(turns: Turns, skipped: Collection[str], beside: str) -> dict[str, Any]:
    values = {"machine": turns.machine, "per_repository": turns.per_repository, "beside": beside}
    chosen = {} if turns.only is None else {"only": list(turns.only)}
    return {**values, "skipped": list(skipped), **chosen}
