"""What the index file itself can fail with."""

from agent.protocol.errors import RatchetError


class IndexDamaged(RatchetError):
    """The index file is no sound database; the next snapshot that its `CodeIndex` gives is of a new one."""

    code = "index-damaged"


class IndexUnavailable(RatchetError):
    """The index file cannot be used just now: a full disk, a lock that nobody gives up, no permission."""

    code = "index-unavailable"
