"""Forks one child a job, bounds it, and passes on what it said."""

import gc
import importlib
import os
import resource
import select
import shutil
import signal
import tempfile
import time

from ratchet_fork_server import wire
from ratchet_fork_server.tracer import Log

TICK = 0.02
PR_SET_CHILD_SUBREAPER = 36
MOST_RECORDS = 200_000


class Child:
    """A running job; `due` is the wall time and `spent` the processor time its current phase began with."""

    def __init__(self, job, pid, fd, log, scratch):
        self.job = job
        self.pid = pid
        self.fd = fd
        self.log = log
        self.scratch = scratch
        self.reader = wire.Reader(fd)
        self.result = {"id": job["id"], "tier": job["tier"], "set": job.get("set"), "tests": []}
        self.began = time.monotonic()
        self.phase(job["start"], job["start_cpu"])

    def phase(self, wall, cpu):
        """Begin a phase with its own limits."""
        self.due = time.monotonic() + wall
        self.cpu = cpu + processor_seconds(self.pid)

    def overdue(self, now):
        """Tell whether the current phase took too long."""
        return now >= self.due or processor_seconds(self.pid) >= self.cpu


def processor_seconds(pid):
    """Return the processor time of a process, 0 when it cannot be read."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


class Nursery:
    """The loop of a warm process: jobs come in on `control`, results go out on it."""

    def __init__(self, control, slots, memory, runner):
        self._control = control
        self._inbox = wire.Reader(control)
        self._slots = slots
        self._memory = memory
        self._runner = runner
        self._waiting = []
        self._children = {}

    def serve(self):
        """Run jobs until the hub closes its end."""
        adopt_orphans()
        self._settle()
        while True:
            self._start_waiting()
            ready, _, _ = select.select([self._control, *self._children], [], [], self._patience())
            for fd in ready:
                if fd == self._control:
                    self._take_orders()
                else:
                    self._listen(self._children[fd])
            self._end_overdue()

    def _settle(self):
        """Spare the children what they would pay for again and again."""
        gc.collect()
        gc.freeze()
        with open("/proc/self/statm") as statm:
            self._most = int(statm.read().split()[0]) * resource.getpagesize() + self._memory

    def _patience(self):
        if self._children:
            return TICK
        return TICK if self._waiting else None

    def _take_orders(self):
        if not self._inbox.fill():
            self._end_all()
            os._exit(0)
        for message in self._inbox.messages():
            if "cancel" in message:
                self._waiting.clear()
                self._end_all()
            elif "load" in message:
                load(message["load"])
                self._settle()
            else:
                self._runner.learn(message.pop("bases"))
                self._waiting.append(message)

    def _start_waiting(self):
        while self._waiting and len(self._children) < self._slots:
            try:
                self._fork(self._waiting[0])
            except OSError:
                # Out of processes or descriptors for as long as a neighbour hoards them.
                return
            self._waiting.pop(0)

    def _fork(self, job):
        self._runner.prepare(job)
        log = Log() if job.get("trace") else None
        read, write = os.pipe()
        scratch = os.path.join(tempfile.gettempdir(), "ratchet-%d-%d" % (os.getpid(), job["id"]))
        os.mkdir(scratch, 0o700)
        try:
            pid = os.fork()
        except OSError:
            os.rmdir(scratch)
            os.close(read)
            os.close(write)
            raise
        if pid == 0:
            self._be_child(job, read, write, log, scratch)
        os.close(write)
        self._children[read] = Child(job, pid, read, log, scratch)

    def _be_child(self, job, read, write, log, scratch):
        try:
            os.setsid()
            os.close(self._control)
            for fd in [read, *self._children]:
                os.close(fd)
            self._bound(scratch)
            self._runner.run(job, _speaker(write), log)
        except BaseException as error:  # the last thing this process does is say what happened
            wire.write(write, ["end", "crashed", "%s: %s" % (type(error).__name__, str(error)[:200])])
        finally:
            os._exit(0)

    def _bound(self, scratch):
        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        os.environ["PYTEST_DEBUG_TEMPROOT"] = scratch
        resource.setrlimit(resource.RLIMIT_AS, (self._most, self._most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def _listen(self, child):
        try:
            alive = child.reader.fill()
            for record in child.reader.messages():
                self._note(child, record)
                if "end" in child.result:
                    self._finish(child)
                    return
        except (ValueError, TypeError, LookupError, AttributeError):
            child.result["end"], child.result["reason"] = "crashed", "wrote something else than results"
            alive = False
        if not alive:
            self._finish(child)

    def _note(self, child, record):
        job, kind = child.job, record[0]
        if kind == "test" and len(child.result["tests"]) < MOST_RECORDS:
            child.result["tests"].append([str(record[1]), str(record[2]), float(record[3]), str(record[4])])
            child.phase(job["wall"], job["cpu"])
        elif kind == "started":
            child.result["ids"] = [str(test_id) for test_id in record[1]]
            child.result["missing"] = [str(test_id) for test_id in record[2]]
            child.result["start"] = [time.monotonic() - child.began, processor_seconds(child.pid)]
            child.phase(job["wall"], job["cpu"])
        elif kind == "note":
            child.result[str(record[1])] = record[2]
        elif kind == "end":
            child.result["end"], child.result["reason"] = str(record[1]), str(record[2])

    def _end_overdue(self):
        now = time.monotonic()
        for child in list(self._children.values()):
            if child.overdue(now):
                child.result["end"], child.result["reason"] = "timeout", "took too long"
                self._finish(child)
            elif os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                # Its own children may hold the pipe open; what it wrote before is read first.
                self._drain(child)
                if child.fd in self._children:
                    self._finish(child)

    def _drain(self, child):
        while child.fd in self._children and select.select([child.fd], [], [], 0)[0]:
            self._listen(child)

    def _finish(self, child):
        del self._children[child.fd]
        os.close(child.fd)
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except OSError:
            os.kill(child.pid, signal.SIGKILL)
        _, status = os.waitpid(child.pid, 0)
        result = child.result
        if "end" not in result:
            how = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "left without a word"
            result["end"], result["reason"] = "crashed", how
        result["seconds"] = round(time.monotonic() - child.began, 6)
        if child.log is not None:
            result["lines"] = {str(test): lines for test, lines in child.log.lines().items()}
            child.log.close()
        else:
            result.pop("ids", None)
        self._sweep(kill=result["end"] == "timeout" or not self._children)
        _remove(child.scratch)
        wire.write(self._control, result)

    def _sweep(self, kill):
        """Reap what finished jobs left behind, and end it when that cannot hit a running job."""
        active = {child.pid for child in self._children.values()}
        for pid in descendants():
            if pid not in active:
                try:
                    if kill:
                        os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0 if kill else os.WNOHANG)
                except OSError:
                    continue

    def _end_all(self):
        for child in list(self._children.values()):
            child.result["end"], child.result["reason"] = "cancelled", "cancelled"
            self._finish(child)


def _remove(directory):
    try:
        os.rmdir(directory)
    except FileNotFoundError:
        pass
    except OSError:
        shutil.rmtree(directory, ignore_errors=True)


def _speaker(fd):
    """Return what writes records; processes that the tests fork have no say."""
    speaking = os.getpid()

    def speak(record):
        if os.getpid() == speaking:
            wire.write(fd, record)

    return speak


def adopt_orphans():
    """Become the parent of processes whose parent dies, so that none of them outlives its job."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def descendants():
    """Return the direct children of this process."""
    try:
        with open("/proc/self/task/%d/children" % os.getpid()) as listing:
            return [int(pid) for pid in listing.read().split()]
    except OSError:
        return []


def load(names):
    """Import modules, passing over those that refuse."""
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:  # a module may do anything on import; without it children are only slower
            continue


def quiet():
    """Point the standard streams of this process away from what the project prints."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
