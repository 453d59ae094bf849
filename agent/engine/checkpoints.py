"""How far a long step got, so that it need not begin again after a crash or a pause."""

from sqlalchemy import select, update

from agent.engine import blobs
from agent.engine.database import Database
from agent.engine.lease import Lease, check_fence
from agent.engine.schema import CHECKPOINTS, TASKS
from agent.engine.sql import upsert


class Checkpoints:
    """The checkpoints of one leased task, one per step."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease

    def load(self, step_key: str) -> bytes | None:
        """Return what was saved last for a step, by whichever owner; None once the task is finished."""
        saved = (CHECKPOINTS.c.task_id == self._lease.task_id) & (CHECKPOINTS.c.step_key == step_key)
        with self._database.read() as connection:
            data = connection.scalar(select(CHECKPOINTS.c.data).where(saved))
        return None if data is None else blobs.unpack(data)

    def save(self, step_key: str, data: bytes) -> None:
        """Replace the checkpoint of a step; raises LeaseLost, StoreUnavailable."""
        row = {"task_id": self._lease.task_id, "step_key": step_key, "data": blobs.pack(data)}
        with self._database.write() as connection:
            check_fence(connection, self._lease)
            connection.execute(upsert(connection, CHECKPOINTS, row))
            # A task that gets on is not one that kills its owners.
            this = TASKS.c.task_id == self._lease.task_id
            connection.execute(update(TASKS).where(this).values(tries=0))
