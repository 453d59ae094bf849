"""Which tasks are not shown on their forge as they stand, and who may write there: one owner a repository."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select, update

from agent.engine.database import Database
from agent.engine.holds import Holds, is_held
from agent.engine.lease import ForgeLease, Owner, Signal, check_fence
from agent.engine.pace import Pace
from agent.engine.schema import FORGES, MAX_TRIES, PUBLICATIONS, TO_SHOW
from agent.engine.sql import upsert

EFFECT = "forge"
"""Kind of the effects in the outbox by which tasks are shown."""
_USUAL = Pace()
_DIED = "the process that shows it ended in the middle of it; see `ratchet daemon logs`"
_ROW = PUBLICATIONS.c


@dataclass(frozen=True, slots=True)
class Due:
    """A task that is to be shown."""

    task_id: str
    tries: int
    """Of those before this one, in a row, of which none got on with it."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still to be shown."""

    tasks: int
    held: int
    """Of them in repositories that a publisher has now."""
    seconds: float | None
    """In how many of them the next of the others is due; None when there is none."""


@dataclass(frozen=True, slots=True)
class Publication:
    """How far a task is shown on its forge."""

    is_shown: bool
    is_left: bool
    """It is tried no more, until the task's next event."""
    problem: str
    """One sentence; empty when there is none."""


class Publications:
    """Hands out leases on repositories of forges, and keeps what is shown there.

    `owners` is the folder of the publishers' lock files; it belongs to one database alone. Moments are
    seconds since the epoch: they are kept for whoever comes next, and come from forges.
    """

    def __init__(
        self,
        database: Database,
        owners: Path,
        pace: Pace = _USUAL,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.pace = pace
        self._database = database
        self.clock = clock
        self._holds = Holds(database, owners, FORGES.c.repository, pace.silent)

    def claim(self, owner: Owner) -> ForgeLease | None:
        """Take the repository with something due that was served longest ago; None when there is none."""
        with self._database.read() as connection:
            if self._next(connection) is None:
                return None
        with self._database.write(exclusive=True) as connection:
            repository = self._next(connection)
            if repository is None:
                return None
            lease = ForgeLease(repository, secrets.token_hex(16), owner.name)
            newest = select(func.coalesce(func.max(FORGES.c.served), 0) + 1).scalar_subquery()
            held = {"token": lease.token, "owner": owner.name, "beat": 0, "served": newest}
            connection.execute(upsert(connection, FORGES, {"repository": repository, **held}))
        return lease

    def renew(self, lease: ForgeLease) -> Signal:
        """Give a sign of life, and learn whether the lease lasts."""
        with self._database.write() as connection:
            self._holds.beat(connection, lease)
            return _signal(connection, lease)

    def signal(self, lease: ForgeLease) -> Signal:
        """Learn whether the lease lasts."""
        with self._database.read() as connection:
            return _signal(connection, lease)

    def release(self, lease: ForgeLease) -> bool:
        """Give the repository back; False, and nothing happens, when it was taken away before."""
        return self._holds.release(lease)

    def recover(self) -> tuple[str, ...]:
        """Free the repositories of dead and silent publishers, and return their names."""
        return self._holds.recover()

    def due(self, lease: ForgeLease) -> list[Due]:
        """Return the repository's tasks that are to be shown now, oldest first, those that failed last."""
        wanted = and_(TO_SHOW, _ROW.repository == lease.repository, _ROW.not_before <= self.clock())
        query = select(_ROW.task_id, _ROW.tries).where(wanted).order_by(_ROW.tries, _ROW.number)
        with self._database.read() as connection:
            return [Due(row.task_id, row.tries) for row in connection.execute(query)]

    def later(self, task_id: str) -> list[str]:
        """Return the later tasks of the same place, e.g. the same pull request, newest first."""
        later = PUBLICATIONS.alias()
        same = (later.c.place == _ROW.place) & (later.c.number > _ROW.number)
        query = select(later.c.task_id).join(PUBLICATIONS, same).where(_ROW.task_id == task_id)
        with self._database.read() as connection:
            return list(connection.scalars(query.order_by(later.c.number.desc())))

    def begin(self, lease: ForgeLease, due: Due) -> None:
        """Count a try, so that a task that ends its publishers is left alone in time; raises LeaseLost."""
        # Whoever tried before and had anything to say has said it.
        died = {"problem": case((_ROW.problem == "", _DIED), else_=_ROW.problem)} if due.tries else {}
        self._change(lease, due.task_id, tries=_ROW.tries + 1, **died)

    def got_on(self, lease: ForgeLease, task_id: str) -> None:
        """Forget the tries so far: something was made; raises LeaseLost."""
        self._change(lease, task_id, tries=0, problem="")

    def shown(self, lease: ForgeLease, task_id: str, seq: int, *, rest: float = 0.0) -> None:
        """Note that a task is shown up to an event, and rests for some seconds; raises LeaseLost."""
        # What happened meanwhile, perhaps the end, need not wait.
        until = case((_ROW.wanted > seq, _ROW.not_before), else_=self.clock() + rest)
        self._change(lease, task_id, shown=seq, tries=0, problem="", not_before=until)

    def postpone(self, lease: ForgeLease, task_id: str, seconds: float, problem: str) -> None:
        """Try a task again later, unless it was tried too often; raises LeaseLost."""
        self._change(lease, task_id, not_before=self.clock() + seconds, problem=problem)

    def leave(self, lease: ForgeLease, task_id: str, problem: str) -> None:
        """Leave a task as it is shown until its next event; raises LeaseLost."""
        self._change(lease, task_id, tries=MAX_TRIES, problem=problem)

    def excuse(self, lease: ForgeLease, task_id: str) -> None:
        """Count the try that began last for none: the task is not to blame; raises LeaseLost."""
        self._change(lease, task_id, tries=case((_ROW.tries > 0, _ROW.tries - 1), else_=0))

    def suspect(self, lease: ForgeLease, task_id: str, problem: str) -> None:
        """Show a task after the others, but never leave it: it may be to blame, or not; raises LeaseLost."""
        tries = case((_ROW.tries >= MAX_TRIES, MAX_TRIES - 1), else_=_ROW.tries)
        self._change(lease, task_id, tries=tries, problem=problem)

    def rest(self, lease: ForgeLease, seconds: float, problem: str) -> None:
        """Leave the whole repository alone for some seconds; raises LeaseLost."""
        until = self.clock() + seconds
        with self._database.write() as connection:
            check_fence(connection, lease)
            changed = {"not_before": until, "problem": problem}
            connection.execute(update(FORGES).where(lease.row).values(**changed))

    def backlog(self) -> Backlog:
        """Return how much there is to show."""
        theirs = func.coalesce(FORGES.c.not_before, 0.0)
        moment = case((_ROW.not_before > theirs, _ROW.not_before), else_=theirs)
        free = case((FORGES.c.token.is_(None), moment))
        with self._database.read() as connection:
            row = connection.execute(_to_show(func.count(), func.count(FORGES.c.token), func.min(free))).one()
        tasks, held, next_at = row
        return Backlog(tasks, held, None if next_at is None else max(0.0, float(next_at) - self.clock()))

    def of(self, task_id: str) -> Publication | None:
        """Return how far a task is shown; None for one that did not come from a forge."""
        columns = (_ROW.shown, _ROW.wanted, _ROW.tries, _ROW.problem, FORGES.c.problem.label("at_forge"))
        joined = select(*columns).outerjoin(FORGES, FORGES.c.repository == _ROW.repository)
        with self._database.read() as connection:
            row = connection.execute(joined.where(_ROW.task_id == task_id)).first()
        if row is None:
            return None
        shown = row.shown >= row.wanted
        problem = "" if shown else row.problem or row.at_forge or ""
        return Publication(shown, not shown and row.tries >= MAX_TRIES, problem)

    def _next(self, connection: Connection) -> str | None:
        now = self.clock()
        free = _to_show(_ROW.repository).where(
            FORGES.c.token.is_(None),
            _ROW.not_before <= now,
            func.coalesce(FORGES.c.not_before, 0.0) <= now,
        )
        longest_ago = func.coalesce(func.min(FORGES.c.served), 0)
        turn = free.group_by(_ROW.repository).order_by(longest_ago, func.min(_ROW.number))
        found: str | None = connection.scalar(turn.limit(1))
        return found

    def _change(self, lease: ForgeLease, task_id: str, **changed: Any) -> None:
        with self._database.write() as connection:
            check_fence(connection, lease)
            connection.execute(update(PUBLICATIONS).where(_ROW.task_id == task_id).values(**changed))


def _to_show(*columns: Any) -> Select[Any]:
    """Return the query for what is to be shown, with who holds its repository."""
    same = FORGES.c.repository == _ROW.repository
    return select(*columns).select_from(PUBLICATIONS).outerjoin(FORGES, same).where(TO_SHOW)


def _signal(connection: Connection, lease: ForgeLease) -> Signal:
    found = connection.execute(select(FORGES.c.repository).where(is_held(lease))).first()
    return Signal.LOST if found is None else Signal.GO_ON
