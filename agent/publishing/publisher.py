"""Shows tasks on their forge: one repository at a time, one effect after the other, each made once."""

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.engine.database import Database
from agent.engine.errors import LeaseLost, LogUnreadable, NoSuchTask, StoreUnavailable
from agent.engine.lease import ForgeLease, Owner
from agent.engine.outage import Outage
from agent.engine.outbox import Outbox, made_by
from agent.engine.publications import EFFECT, Due, Publications
from agent.engine.store import TaskStore
from agent.engine.watch import Watch
from agent.protocol.errors import RatchetError
from agent.protocol.forge import Trigger
from agent.protocol.state import TaskState
from agent.publishing.effect import Result, Wanted
from agent.publishing.forge_look import ForgeLook, Secrets
from agent.publishing.forges import Forges
from agent.publishing.making.hand import Act, Hand
from agent.publishing.making.kinds import look
from agent.publishing.plan import next_effect, takes_sticky
from agent.repo.forge.errors import ForgeBusy, ForgeRefused, ForgeUnreachable, KeyRefused, NotOnForge

OPEN_SECONDS = 3.0
"""Between two times at which a task that is at work is shown."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
IDLE_SECONDS = 5.0
"""After which it looks for what nobody told it of."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a publisher is given by whoever starts it."""

    forges: Forges
    secrets: Secrets
    app: int | None = None
    """Id of the GitHub App that we are, if we are one."""
    on_problem: Callable[[str], None] = lambda _: None
    """Takes one sentence that keeps everything from being shown; empty when it is over."""


class Publisher:
    """One owner of leases on repositories; works in the calling thread."""

    def __init__(self, database: Database, publications: Publications, owner: Owner, tools: Tools) -> None:
        self._database = database
        self._store = TaskStore(database)
        self._publications = publications
        self._owner = owner
        self._tools = tools
        self._forges = tools.forges
        self._failures: dict[str, int] = {}
        """Answers in a row that did not come, by repository."""
        self._awake = threading.Event()
        self._outage = Outage()

    def wake(self) -> None:
        """Say that something may be due."""
        self._awake.set()

    def serve(self, stop: threading.Event) -> None:
        """Show whatever is due; returns soon after `stop` is set, with no lease held."""
        while not stop.is_set():
            self._awake.clear()
            try:
                self._publications.recover()
                found = self.show_next(stop)
                pause = self._publications.backlog().seconds
            except StoreUnavailable as error:
                self._outage.wait(error, stop)
                continue
            self._outage.over()
            if not found:
                self._awake.wait(IDLE_SECONDS if pause is None else min(IDLE_SECONDS, pause))

    def show_next(self, stop: threading.Event) -> bool:
        """Show the tasks of the repository whose turn it is; False when none has anything due."""
        lease = self._publications.claim(self._owner)
        if lease is None:
            return False
        try:
            with Watch(self._publications, lease, stop) as watch:
                self._show_all(lease, watch.interrupt)
        except LeaseLost:
            _log().warning("another publisher has %s now", lease.repository)
        finally:
            self._publications.release(lease)
        return True

    def _show_all(self, lease: ForgeLease, interrupt: threading.Event) -> None:
        for due in self._publications.due(lease):
            if interrupt.is_set():
                return
            hold = replace(lease, task_id=due.task_id)
            self._publications.begin(hold, due)
            try:
                self._show(hold, due, interrupt)
            except ForgeBusy as error:
                self._publications.excuse(hold, due.task_id)
                self._rest(hold, error.seconds, error.message)
                return
            except (ForgeUnreachable, KeyRefused) as error:
                self._publications.suspect(hold, due.task_id, error.message)
                self._rest(hold, self._growing(lease.repository), error.message)
                return
            except (LogUnreadable, NoSuchTask) as error:
                self._publications.leave(hold, due.task_id, error.message)
            except StoreUnavailable:
                raise
            except RatchetError as error:
                self._fail(hold, due, error)
            else:
                self._failures.pop(lease.repository, None)
                self._tools.on_problem("")

    def _show(self, hold: ForgeLease, due: Due, interrupt: threading.Event) -> None:
        """Bring what one task shows up to date."""
        state, outbox = self._store.state(hold.task_id), Outbox(self._database, hold)
        made, hand = made_by(self._database, hold.task_id, EFFECT), self._hand(state, outbox)
        before = len(made)
        newest, eye = self._is_newest(hold.task_id), ForgeLook(hand, state, self._tools.secrets)
        try:
            while wanted := next_effect(hold.task_id, state, made, newest=newest, look=eye):
                if interrupt.is_set():
                    self._publications.excuse(hold, hold.task_id)
                    return
                assert wanted.name not in made, f"{wanted.name} is wanted again"
                made[wanted.name] = _made(outbox, hand, wanted)
                if due.tries:
                    self._publications.got_on(hold, hold.task_id)
        except ForgeBusy as error:
            self._forges.busy(_trigger(state).installation, error.seconds)
            raise
        rest = OPEN_SECONDS if state.finished is None and len(made) > before else 0.0
        self._publications.shown(hold, hold.task_id, state.seq, rest=rest)

    def _is_newest(self, task_id: str) -> bool:
        """Say whether no later task is what the comment of the place is about."""
        return not any(self._takes_sticky(later) for later in self._publications.later(task_id))

    def _takes_sticky(self, task_id: str) -> bool:
        state = self._recalled(task_id)
        return state is not None and takes_sticky(task_id, state)

    def _recalled(self, task_id: str) -> TaskState | None:
        try:
            return self._store.state(task_id)
        except (NoSuchTask, LogUnreadable):
            return None

    def _hand(self, state: TaskState, outbox: Outbox) -> Hand:
        trigger = _trigger(state)
        forge = self._forges.of(trigger.installation)
        return Hand(forge, trigger.repository, outbox.check_fence, self._tools.app)

    def _rest(self, hold: ForgeLease, seconds: float, problem: str) -> None:
        """Leave the repository alone for a while."""
        self._publications.rest(hold, seconds, problem)
        _log().warning("%s is left alone for %.0f s: %s", hold.repository, seconds, problem)
        self._tools.on_problem(problem)

    def _growing(self, repository: str) -> float:
        failures = self._failures[repository] = self._failures.get(repository, 0) + 1
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 10))

    def _fail(self, hold: ForgeLease, due: Due, error: RatchetError) -> None:
        seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 4.0**due.tries)
        self._publications.postpone(hold, due.task_id, seconds, error.message)
        _log().error("task %s cannot be shown: %s (%s)", due.task_id, error.message, error.hint)


def _trigger(state: TaskState) -> Trigger:
    assert state.spec is not None and state.spec.trigger is not None
    return state.spec.trigger


def _made(outbox: Outbox, hand: Hand, wanted: Wanted) -> Result:
    """Make one effect unless it is there; what the forge does not take is a result, too."""
    acts: list[Act] = []

    def find() -> Result | None:
        try:
            found = look(hand, wanted.effect)
        except KeyRefused:
            raise
        except (ForgeRefused, NotOnForge) as error:
            return {"failed": error.message}
        if not callable(found):
            return found
        acts.append(found)
        return None

    def act() -> Result:
        try:
            return acts[-1]()
        except KeyRefused:
            raise
        except (ForgeRefused, NotOnForge) as error:
            return {"failed": error.message}

    digest = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()
    told = {"kind": wanted.effect.kind, "repository": wanted.repository, "sha256": digest}
    return outbox.once(EFFECT, told, find=find, act=act, key=wanted.name)


def _log() -> logging.Logger:
    return logging.getLogger("ratchet.publishing")
