"""Starting a program from the worker, and making sure that nothing of it stays."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import time

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 5.0
FIRST_FREE = 10

_libc = ctypes.CDLL(None, use_errno=True)
_unheeded = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD})


def take_streams():
    """Move the protocol off descriptors 0 and 1, where no child can inherit it; returns (source, sink).

    Numbers below FIRST_FREE are taken up, so that what a child is given can be put there in any order.
    """
    source = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE)
    sink = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE)
    for number in os.listdir("/proc/self/fd"):
        if int(number) > 2 and int(number) not in (source, sink):
            try:
                os.close(int(number))
            except OSError:
                pass
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    while nothing < FIRST_FREE - 1:
        nothing = os.open(os.devnull, os.O_RDWR)
    return source, sink


def shield():
    """Close the worker to code of the same user: no tracing, no /proc access, no signal that ends it."""
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.umask(0o022)
    for number in _unheeded:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass


def start(argv, cwd, env, fds):
    """Start a program whose descriptors are `fds`, numbered from 0; raises OSError when it cannot be.

    posix_spawn, since a fork of the interpreter costs more than all else that a short command does.
    """
    os.chdir(_bytes(cwd))
    try:
        pid = os.posix_spawn(
            _find(argv[0], env),
            [_bytes(argument) for argument in argv],
            {_bytes(name): _bytes(value) for name, value in env.items()},
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(fds)],
            setsid=True,
            setsigmask=(),
            setsigdef=_unheeded,
        )
    finally:
        os.chdir("/")
    _die_first(pid)
    return pid


def _find(name, env):
    """Return the path of a program as a shell would find it."""
    if "/" in name:
        return _bytes(name)
    for folder in env.get("PATH", "").split(":"):
        path = os.path.join(_bytes(folder), _bytes(name))
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    raise FileNotFoundError(errno.ENOENT, "no such program in PATH")


def _bytes(text):
    return text.encode("utf-8", "surrogateescape")


def _die_first(pid):
    """Offer a process to the out-of-memory killer before the worker; what it starts inherits that."""
    try:
        with open("/proc/%d/oom_score_adj" % pid, "w") as file:
            file.write("1000")
    except OSError:
        pass


def limit(bounds):
    """Bound every process that will be started; our own files obey the same bounds."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, value in bounds.items():
        kind = getattr(resource, "RLIMIT_" + name)
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))


def kill_everything(own_namespace):
    """Kill and reap all that was started here; returns False when something would not go."""
    end = time.monotonic() + PATIENCE
    while True:
        # Nothing but our children can be there: orphans become ours too.
        if _reap():
            return True
        for pid in [-1] if own_namespace else _descendants():
            _signal(pid)
        if time.monotonic() > end:
            return False
        time.sleep(0.001)


def _signal(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _reap():
    """Collect dead children; True when no child is left."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            return False


def _descendants():
    """Process ids below the worker; orphans are among them, since the worker is their subreaper."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            parent, state = _parent(name)
            if state != "Z":
                children.setdefault(parent, []).append(int(name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _parent(pid):
    try:
        with open("/proc/%s/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ESRCH, errno.EACCES):
            raise
        return 0, "Z"
    return int(fields[1]), fields[0].decode("ascii")
