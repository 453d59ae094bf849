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
_ROOM = """
    {repository} NOT IN (
        SELECT repository FROM tasks WHERE token IS NOT NULL AND task_id <> :beside
        GROUP BY repository HAVING count(*) >= :per_repository
    )
"""
# The recursion steps from one waiting repository to the next along the index `tasks_ready`;
# SELECT DISTINCT would read every waiting task.
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
)
SELECT first.task_id, first.repository, first.priority, first.tries
FROM waiting
JOIN tasks AS first ON first.number = (
    SELECT number FROM tasks WHERE repository = waiting.repository AND {mine}
    ORDER BY priority, number LIMIT 1
)
LEFT JOIN shares ON shares.repository = waiting.repository
WHERE {room}
ORDER BY first.priority, coalesce(shares.served, 0), first.number
LIMIT 1
"""
_COUNT = """
SELECT count(*) FROM (SELECT repository FROM tasks WHERE {mine}) AS ready WHERE {room}
"""


def next_turn(
    connection: Connection, turns: Turns, skipped: Collection[str], beside: str = ""
) -> Row[Any] | None:
    """Return task_id, repository, priority and tries of the task whose turn it is.

    The task `beside` does not count against its repository's limit.
    """
    query = _query(_NEXT, "waiting.repository", turns.only is not None)
    return connection.execute(query, _values(turns, skipped, beside)).first()


def count_ready(connection: Connection, turns: Turns, skipped: Collection[str]) -> int:
    """Return how many tasks could be taken now."""
    query = _query(_COUNT, "ready.repository", turns.only is not None)
    return int(connection.execute(query, _values(turns, skipped, "")).scalar_one())


@cache
def _query(pattern: str, repository: str, narrowed: bool) -> TextClause:
    mine = _MINE + _AMONG if narrowed else _MINE
    lists = ("skipped", "only") if narrowed else ("skipped",)
    query = text(pattern.format(mine=mine, room=_ROOM.format(repository=repository)))
    return query.bindparams(*(bindparam(name, expanding=True, type_=Text()) for name in lists))


def _values(turns: Turns, skipped: Collection[str], beside: str) -> dict[str, Any]:
    values = {"machine": turns.machine, "per_repository": turns.per_repository, "beside": beside}
    chosen = {} if turns.only is None else {"only": list(turns.only)}
    return {**values, "skipped": list(skipped), **chosen}
