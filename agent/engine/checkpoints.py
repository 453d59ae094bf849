"""How far a long step got, so that it need not begin again after a crash or a pause."""

from sqlalchemy import select

from agent.engine import blobs
from agent.engine.database import Database
from agent.engine.errors import LeaseLost
from agent.engine.lease import Lease
from agent.engine.schema import CHECKPOINTS, TASKS
from agent.engine.sql import upsert


class Checkpoints:
    """The checkpoints of one leased task, one per step."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease

    def load(self, step_key: str) -> bytes | None:
        """Return what was saved last for a step, by whichever owner."""
        saved = (CHECKPOINTS.c.task_id == self._lease.task_id) & (CHECKPOINTS.c.step_key == step_key)
        with self._database.read() as connection:
            digest = connection.scalar(select(CHECKPOINTS.c.blob).where(saved))
            return None if digest is None else blobs.get(connection, digest)

    def save(self, step_key: str, data: bytes) -> None:
        """Replace the checkpoint of a step; raises LeaseLost, StoreUnavailable."""
        with self._database.write() as connection:
            holder = select(TASKS.c.token).where(TASKS.c.task_id == self._lease.task_id).with_for_update()
            if connection.scalar(holder) != self._lease.token:
                raise LeaseLost(self._lease.task_id)
            row = {"task_id": self._lease.task_id, "step_key": step_key, "blob": blobs.put(connection, data)}
            connection.execute(upsert(connection, CHECKPOINTS, row))
