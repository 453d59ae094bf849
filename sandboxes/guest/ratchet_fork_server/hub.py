"""The process the host talks to: it gives jobs to the warm processes and loads nothing of the project."""

import os
import select
import socket
import sys
import tempfile
import time

from ratchet_fork_server import wire

MOST_STARTS = 3
LOG_TAIL = 4000


class Warm:
    """One of the warm processes; `state` is starting, ready or the reason why it is unavailable."""

    def __init__(self, tier, main, setup):
        self.tier = tier
        self._main = main
        self._setup = setup
        self._starts = 0
        self.running = {}
        self.state = "starting"
        self._log = tempfile.TemporaryFile()
        self.start()

    def start(self):
        """Fork the process."""
        self._starts += 1
        self._told = set()
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._become(ours, theirs)
        theirs.close()
        self.socket, self.pid = ours, pid
        self.reader = wire.Reader(ours.fileno())
        self.began = time.monotonic()

    def _become(self, ours, theirs):
        try:
            ours.close()
            control = os.dup(theirs.fileno())
            theirs.detach()
            close_all_but(control, self._log.fileno())
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(self._log.fileno(), 1)
            os.dup2(self._log.fileno(), 2)
            self._main(control, self._setup)
        except BaseException as error:  # the hub has to know why, whatever it was
            wire.write(control, {"unavailable": "%s: %s" % (type(error).__name__, str(error)[:300])})
        finally:
            os._exit(0)

    def send(self, job, bases):
        """Hand over one job, with the unchanged content of files that the process has not seen."""
        self.running[job["id"]] = job
        news = {path: bases[path] for path in job["files"] if path not in self._told}
        self._told.update(news)
        wire.write(self.socket.fileno(), {**job, "bases": news})

    def lost(self):
        """Take note that the process is gone; start it again unless that never helps."""
        self.socket.close()
        os.waitpid(self.pid, 0)
        jobs, self.running = list(self.running.values()), {}
        if self.state == "ready" and self._starts < MOST_STARTS:
            self.state = "starting"
            self.start()
        elif self.state in ("starting", "ready"):
            self.state = "the process died"
        return jobs

    def log_tail(self):
        """Return the end of what the process printed while it started."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_TAIL))
        return self._log.read().decode("utf-8", "replace")


def close_all_but(*keep):
    """Close every descriptor above the standard ones, so that the project holds none of ours."""
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        if fd > 2 and fd not in keep:
            try:
                os.close(fd)
            except OSError:
                continue


class Hub:
    """Routes jobs by tier: first the collected session, what that cannot do to the preloaded process."""

    def __init__(self, out, setup, mains):
        self._out = out
        self._slots = setup["slots"]
        self._queue = []
        self._results = []
        self._bases = {}
        self.warm = {tier: Warm(tier, mains[tier], setup) for tier in sorted(mains)}

    def take(self, message):
        """Accept a message of the host."""
        if "cancel" in message:
            self._queue.clear()
            for warm in self._ready():
                wire.write(warm.socket.fileno(), {"cancel": True})
        else:
            self._bases.update(message.get("bases", {}))
            self._queue.extend(message["jobs"])

    def _ready(self):
        return [warm for warm in self.warm.values() if warm.state == "ready"]

    def dispatch(self):
        """Give waiting jobs to processes that have room; one more than the slots keeps them busy."""
        room = self._slots + 1 - sum(len(warm.running) for warm in self.warm.values())
        later = []
        while self._queue and room > 0:
            job = self._queue.pop(0)
            warm = self._warm_for(job)
            if warm is None:
                self._answer(job, "tier", self._why(job))
            elif warm.state == "starting":
                later.append(job)
            else:
                warm.send(job, self._bases)
                room -= 1
        self._queue[:0] = later
        self._flush()

    def _warm_for(self, job):
        for tier in sorted(self.warm):
            if tier >= job["tier"] and self.warm[tier].state in ("ready", "starting"):
                if not job.get("exact") or tier == job["tier"]:
                    job["tier"] = tier
                    return self.warm[tier]
        return None

    def _why(self, job):
        return "; ".join(warm.state for warm in self.warm.values() if warm.tier >= job["tier"])

    def _answer(self, job, end, reason):
        result = {"id": job["id"], "tier": job["tier"], "tests": [], "end": end, "reason": reason}
        self._results.append({**result, "seconds": 0.0})

    def listen(self, warm):
        """Take what a warm process says."""
        try:
            alive = warm.reader.fill()
        except OSError:
            alive = False
        for message in warm.reader.messages():
            if "id" in message:
                self._settle(warm, message)
            else:
                self._greet(warm, message)
        if not alive:
            for job in warm.lost():
                self._answer(job, "lost", "the warm process died")
            if warm.state not in ("starting", "ready"):
                self._tell(warm)

    def _greet(self, warm, message):
        warm.state = "ready" if "ready" in message else message["unavailable"]
        modules = message.get("modules")
        if modules and 2 in self.warm and self.warm[2].state in ("ready", "starting"):
            wire.write(self.warm[2].socket.fileno(), {"load": modules})
        self._tell(warm)

    def _tell(self, warm):
        usable = warm.state == "ready"
        news = {"tier": warm.tier, "reason": "" if usable else warm.state}
        news["seconds"] = round(time.monotonic() - warm.began, 3)
        news["log"] = "" if usable else warm.log_tail()
        self._flush()
        wire.write(self._out, {"news": news})

    def _settle(self, warm, result):
        job = warm.running.pop(result["id"], None)
        if job is None:
            return
        higher = [tier for tier in self.warm if tier > warm.tier]
        if result["end"] == "tier" and higher and not job.get("exact"):
            self._queue.insert(0, {**job, "tier": higher[0]})
        elif self._goes_on(job, result):
            self._queue.insert(0, {**job, "tier": warm.tier, "set": job["then"], "then": None})
        else:
            self._results.append(result)

    def _goes_on(self, job, result):
        passed = all(test[1] == "passed" for test in result["tests"])
        return bool(job.get("then") and result["end"] == "done" and result["tests"] and passed)

    def _flush(self):
        if self._results:
            wire.write(self._out, {"results": self._results})
            self._results = []


def serve(channel_in, channel_out, mains):
    """Serve the host until it closes the channel."""
    inbox = wire.Reader(channel_in)
    hub = None
    while True:
        warm = [] if hub is None else [each for each in hub.warm.values() if each.socket.fileno() >= 0]
        by_fd = {each.socket.fileno(): each for each in warm}
        ready, _, _ = select.select([channel_in, *by_fd], [], [])
        for fd in ready:
            if fd in by_fd:
                hub.listen(by_fd[fd])
            elif not inbox.fill():
                sys.exit(0)
        for message in inbox.messages():
            if hub is None:
                hub = Hub(channel_out, {**message, "root": os.getcwd()}, mains)
            else:
                hub.take(message)
        if hub is not None:
            hub.dispatch()
