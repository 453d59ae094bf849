"""Effects outside: intended under the lease, looked up before they are made, recorded once made."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from agent.engine.database import Database
from agent.engine.errors import LeaseLost
from agent.engine.lease import Lease
from agent.engine.schema import EFFECTS, TASKS

Result = Mapping[str, Any]


class Outbox:
    """Makes effects of one leased task exactly once, whoever died in between."""

    def __init__(self, database: Database, lease: Lease) -> None:
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

        `key` tells several effects of one kind apart. Raises LeaseLost before anything is made.
        """
        name = f"{self._lease.task_id}:{kind}:{key}" if key else f"{self._lease.task_id}:{kind}"
        known = self._intend(name, kind, payload)
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
        """Raise LeaseLost when another owner may have the task."""
        with self._database.read() as connection:
            self._check(connection)

    def _intend(self, name: str, kind: str, payload: Mapping[str, Any]) -> Result | None:
        with self._database.write() as connection:
            self._check(connection)
            row: Row[Any] | None = connection.execute(select(EFFECTS).where(EFFECTS.c.key == name)).first()
            if row is not None:
                return None if row.result is None else dict(json.loads(row.result))
            connection.execute(
                insert(EFFECTS).values(
                    key=name,
                    task_id=self._lease.task_id,
                    kind=kind,
                    payload=json.dumps(payload, sort_keys=True),
                    intended_at=int(time.time()),
                )
            )
            return None

    def _record(self, name: str, result: Result) -> None:
        # What was done is a fact, whoever holds the lease by now.
        with self._database.write() as connection:
            done = update(EFFECTS).where(EFFECTS.c.key == name).values(result=json.dumps(result))
            connection.execute(done)

    def _check(self, connection: Connection) -> None:
        holder = select(TASKS.c.token).where(TASKS.c.task_id == self._lease.task_id)
        if connection.scalar(holder.with_for_update()) != self._lease.token:
            raise LeaseLost(self._lease.task_id)
