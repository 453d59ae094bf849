"""What only the daemon can fail with."""

from agent.protocol.errors import RatchetError, RepositoryError, UsageError


class AlreadyRunning(RatchetError):
    """Another daemon serves this state directory."""

    code = "already-running"


class CannotListen(RatchetError):
    """The socket, the port or the state directory cannot be used."""

    code = "listen"


class NotAuthenticated(UsageError):
    """No token, or one that nobody was given."""

    code = "unauthenticated"


class NotAllowed(UsageError):
    """The token does not reach this far, or a foreign web page asks."""

    code = "forbidden"


class WrongHost(UsageError):
    """The request names a host that this daemon is not; a web page may have rebound its name to us."""

    code = "wrong-host"


class IndexBusy(RatchetError):
    """The index of a repository is being built, or answers somebody else for long."""

    code = "index-busy"


class FilesGone(RepositoryError):
    """The files of a patch are no longer here, or never were."""

    code = "files-gone"


class NoSuchFile(RepositoryError):
    """The tree that a task began with has no such file."""

    code = "no-such-file"


class FilesTooLarge(RatchetError):
    """The files of a patch are more than one answer may hold."""

    code = "files-too-large"


class TooLarge(UsageError):
    """The body of the request is larger than any sensible one."""

    code = "too-large"
