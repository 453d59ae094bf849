"""Starting a program from the worker, and making sure that nothing of it stays."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import time

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 5.0

_libc = ctypes.CDLL(None, use_errno=True)
_unheeded = [s for s in signal.valid_signals() if s not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)]


def take_streams():
    """Move the protocol off descriptors 0 and 1, where no child can inherit it; returns (source, sink)."""
    source = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, 3)
    sink = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 3)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    for number in os.listdir("/proc/self/fd"):
        if int(number) > 2 and int(number) not in (source, sink):
            try:
                os.close(int(number))
            except OSError:
                pass
    return source, sink


def shield():
    """Close the worker to code of the same user: no tracing, no /proc access, no signal that ends it."""
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in _unheeded:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass


def start(argv, cwd, env, streams, kept, settings):
    """Fork and execute a program; `streams` become its 0, 1 and 2, `kept` its 3 and following.

    A program that cannot be started exits with 127 and says why on its stderr.
    """
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(argv, cwd, env, streams, kept, settings)
    except BaseException as error:
        os.write(2, ("ratchet: cannot run %s: %s\n" % (argv[0], error)).encode("utf-8", "replace"))
    finally:
        os._exit(127)


def _become(argv, cwd, env, streams, kept, settings):
    _place(streams + kept)
    os.setsid()
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # Only a dumpable process may write its own oom_score_adj; exec would make it dumpable anyway.
    _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    _die_first()
    _limit(settings)
    signal.set_wakeup_fd(-1)
    for number in [*_unheeded, signal.SIGCHLD]:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass
    os.chdir(_bytes(cwd))
    os.umask(0o022)
    os.execvpe(_bytes(argv[0]), [_bytes(a) for a in argv], {_bytes(k): _bytes(v) for k, v in env.items()})


def _place(fds):
    """Give descriptors the numbers 0 and up; a plain shell can name no number above 9."""
    apart = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for fd in fds]
    for number, fd in enumerate(apart):
        os.dup2(fd, number)


def _bytes(text):
    return text.encode("utf-8", "surrogateescape")


def _die_first():
    """Offer this process to the out-of-memory killer before the worker."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


def _limit(settings):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, value in settings["rlimits"].items():
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
