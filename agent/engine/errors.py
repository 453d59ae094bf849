"""What the engine can fail with."""

from typing import ClassVar

from agent.protocol.errors import RatchetError, UsageError


class StoreUnavailable(RatchetError):
    """The database cannot be opened, read or written; nothing that was recorded is lost."""

    code = "store"


class LogUnreadable(RatchetError):
    """A task's log has an event that this version cannot read; it stays as it is."""

    code = "log"


class NoSuchTask(UsageError):
    """No task has this id."""

    code = "no-such-task"


class NotPossible(UsageError):
    """The task is in a state in which this cannot be done."""

    code = "conflict"


class LeaseLost(Exception):
    """Another owner holds the task, or its forge, now: whatever this one was doing must have no effect."""

    code: ClassVar[str] = "lease-lost"
