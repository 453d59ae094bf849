"""Effects outside: intended under the lease, looked up before they are made, recorded once made."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import insert, select, update

from agent.engine.database import Database
from agent.engine.lease import Fence, check_fence
from agent.engine.schema import EFFECTS

Result = Mapping[str, Any]


class Outbox:
    """Makes effects of one task exactly once, whoever died in between; under its or its forge's lease."""

    def __init__(self, database: Database, lease: Fence) -> None:
        self._database = database
        self._lease = lease

    def once(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        find: Callable[[], Result | None],
        act: Callable[[], Result],
        key: str = "",
    ) -> Result:
        """Return the result of an effect, made now unless it was recorded or `find` sees it outside.

        An effect is known by its kind and its payload, or by `key` where the payload is not always
        the same. Raises LeaseLost before anything is made.
        """
        encoded = json.dumps(payload, sort_keys=True)
        name = f"{self._lease.task_id}:{kind}:{key or hashlib.sha256(encoded.encode()).hexdigest()}"
        known = self._intend(name, kind, encoded)
        if known is not None:
            return known
        result = find()
        if result is None:
            # Between the look-up and this moment the owner may have been stopped for a long time.
            self.check_fence()
            result = act()
        self._record(name, result)
        return result

    def check_fence(self) -> None:
        """Raise LeaseLost when another owner may have what this one held."""
        with self._database.read() as connection:
            check_fence(connection, self._lease)

    def _intend(self, name: str, kind: str, payload: str) -> Result | None:
        """Record what is about to be made; returns the result when it was made before."""
        with self._database.write() as connection:
            check_fence(connection, self._lease)
            row = connection.execute(select(EFFECTS.c.result).where(EFFECTS.c.key == name)).first()
            if row is None:
                connection.execute(insert(EFFECTS).values(self._row(name, kind, payload)))
                return None
            return None if row.result is None else dict(json.loads(row.result))

    def _row(self, name: str, kind: str, payload: str) -> dict[str, Any]:
        now = int(time.time())
        task_id = self._lease.task_id
        return {"key": name, "task_id": task_id, "kind": kind, "payload": payload, "intended_at": now}

    def _record(self, name: str, result: Result) -> None:
        # What was done is a fact, whoever holds the lease by now; who said so first has done it.
        unsaid = (EFFECTS.c.key == name) & EFFECTS.c.result.is_(None)
        with self._database.write() as connection:
            connection.execute(update(EFFECTS).where(unsaid).values(result=json.dumps(result)))


def made_by(database: Database, task_id: str, kind: str) -> dict[str, Result]:
    """Return the results of a task's effects of a kind, oldest first, by the keys that they were given."""
    made = (EFFECTS.c.task_id == task_id) & (EFFECTS.c.kind == kind) & EFFECTS.c.result.is_not(None)
    query = select(EFFECTS.c.key, EFFECTS.c.result).where(made)
    with database.read() as connection:
        rows = connection.execute(query.order_by(EFFECTS.c.intended_at, EFFECTS.c.key)).all()
    return {row.key.removeprefix(f"{task_id}:{kind}:"): dict(json.loads(row.result)) for row in rows}


def has_begun(database: Database, task_id: str) -> bool:
    """Say whether a task was about to make an effect, or has made one."""
    with database.read() as connection:
        effects = select(EFFECTS.c.key).where(EFFECTS.c.task_id == task_id).limit(1)
        return connection.execute(effects).first() is not None
