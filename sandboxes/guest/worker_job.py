"""One command from its start to its end: pipes, deadline, output bounds, why it stopped."""

import os
import select
import signal
import time

import worker_process
from worker_counters import Counters
from worker_output import Capped, Messages, Report

CHUNK = 1 << 16
SAMPLE = 0.1
BACKLOG = 4 << 20
# A fork bomb is refused thousands of times a second; a program that copes with a refusal is not.
FORK_BOMB = 200


class Job(object):
    """A running command; `attend` returns once its main process has ended or has to be ended."""

    def __init__(self, wire, header, stdin, settings, own_namespace):
        self._wire = wire
        self._header = header
        self._out = Capped(header["keep"])
        self._err = Capped(header["keep"])
        self._report = Report(header["max_report"])
        self._messages = Messages()
        self._readers = {}
        self._writers = {}
        self._status = None
        self._asked = None
        self._counters = Counters((settings["workspace"], settings["tmp"]), own_namespace)
        self._started = time.monotonic()
        self._deadline = self._started + header["seconds"]
        self._wake, wake = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._ends = [self._wake, wake]
        self._channel_in = None
        self._pid = self._start(stdin)

    def _start(self, stdin):
        env, kept, theirs = dict(self._header["env"]), [], []
        streams = [self._feed(stdin, theirs, close=True)]
        streams += [self._collect(self._add_out, theirs), self._collect(self._add_err, theirs)]
        if self._header["report"]:
            kept.append(self._collect(self._report.add, theirs))
            env["RATCHET_REPORT_FD"] = str(2 + len(kept))
        if self._header["channel"]:
            kept.append(self._feed(b"", theirs, close=False))
            env["RATCHET_CHANNEL_IN"] = str(2 + len(kept))
            kept.append(self._collect(self._add_message, theirs))
            env["RATCHET_CHANNEL_OUT"] = str(2 + len(kept))
        try:
            return worker_process.start(self._header["argv"], self._header["cwd"], env, streams + kept)
        except OSError as error:
            self._refuse(error, streams[2])
        finally:
            for fd in theirs:
                os.close(fd)

    def _refuse(self, error, stderr):
        """End as a shell does when a program cannot be started."""
        reason = "ratchet: cannot run %s: %s\n" % (self._header["argv"][0], error.strerror)
        os.write(stderr, reason.encode("utf-8", "replace"))
        self._status = 127 << 8

    def _collect(self, sink, theirs):
        ours, end = os.pipe()
        os.set_blocking(ours, False)
        self._readers[ours] = sink
        theirs.append(end)
        return end

    def _feed(self, data, theirs, close):
        if close and not data:
            end = os.open(os.devnull, os.O_RDONLY)
            theirs.append(end)
            return end
        end, ours = os.pipe()
        os.set_blocking(ours, False)
        self._writers[ours] = [bytearray(data), close]
        if not close:
            self._channel_in = ours
        theirs.append(end)
        return end

    def attend(self):
        """Move bytes and watch the bounds until the main process is gone or must go."""
        sample = self._started + SAMPLE
        # Requests may have come in the same read as the one that started this.
        self._obey()
        while self._status is None and self._asked is None:
            self._exchange(min(sample, self._deadline) - time.monotonic())
            now = time.monotonic()
            if now >= sample:
                self._watch()
                sample = now + SAMPLE
            if now >= self._deadline:
                self._ask(self._header["at_deadline"])

    def _exchange(self, seconds):
        reading = [self._wire.source, self._wake]
        if self._wire.pending < BACKLOG:
            reading += self._readers
        writing = [fd for fd, (data, _) in self._writers.items() if data]
        if self._wire.pending:
            writing.append(self._wire.sink)
        readable, writable, _ = select.select(reading, writing, [], max(seconds, 0))
        for fd in writable:
            if fd == self._wire.sink:
                self._wire.flush()
            else:
                self._write(fd)
        for fd in readable:
            if fd == self._wire.source:
                self._wire.fill()
                self._obey()
            elif fd == self._wake:
                self._look()
            else:
                self._read(fd)

    def _obey(self):
        while True:
            frame = self._wire.next()
            if frame is None:
                return
            header, payload = frame
            if header["op"] == "kill":
                self._ask("cancelled")
            elif header["op"] == "finish":
                self._finish(header["seconds"])
            elif header["op"] == "send" and self._channel_in in self._writers:
                self._writers[self._channel_in][0] += len(payload).to_bytes(4, "big") + payload
                self._write(self._channel_in)

    def _finish(self, seconds):
        """Let the program see the end of its channel, and end it when it does not leave by itself."""
        if self._channel_in in self._writers:
            self._close_writer(self._channel_in)
        end = time.monotonic() + seconds
        if end < self._deadline:
            self._deadline = end
            self._header["at_deadline"] = "cancelled"

    def _look(self):
        try:
            os.read(self._wake, 4096)
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._pid:
                self._status = status

    def _watch(self):
        self._counters.sample()
        if self._counters.pids > FORK_BOMB:
            self._ask("pids")

    def _ask(self, ending):
        self._asked = self._asked or ending

    def _read(self, fd):
        """Pass on what a pipe holds; returns False when there is nothing more for now."""
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return False
        if data:
            self._readers[fd](data)
            return True
        del self._readers[fd]
        os.close(fd)
        return False

    def _write(self, fd):
        data, close = self._writers[fd]
        try:
            del data[: os.write(fd, data[:CHUNK])]
        except BlockingIOError:
            return
        except BrokenPipeError:
            del data[:]
        if close and not data:
            self._close_writer(fd)

    def _close_writer(self, fd):
        del self._writers[fd]
        os.close(fd)

    def _add_out(self, data):
        self._add(self._out, data)

    def _add_err(self, data):
        self._add(self._err, data)

    def _add(self, stream, data):
        stream.add(data)
        if self._header["stream"]:
            self._wire.queue({"op": "output"}, data)
        if self._out.total + self._err.total > self._header["max_output"]:
            self._ask("output")

    def _add_message(self, data):
        try:
            messages = self._messages.add(data)
        except ValueError:
            self._ask("output")
            return
        for message in messages:
            self._wire.queue({"op": "message"}, message)

    def drain(self):
        """Take what is left in the pipes, now that nobody writes any more, and close them."""
        self._seconds = time.monotonic() - self._started
        for fd in list(self._readers):
            while self._read(fd):
                pass
        signal.set_wakeup_fd(-1)
        for fd in self._ends + list(self._readers) + list(self._writers):
            os.close(fd)

    def result(self):
        """Return the frame that tells how the command ended."""
        self._counters.sample()
        exit_code, number = self._exit()
        out, err, report = self._out.parts(), self._err.parts(), bytes(self._report.data)
        parts = [*out, *err, report]
        header = {
            "op": "result",
            "ending": self._ending(exit_code, number),
            "exit_code": exit_code,
            "signal": number,
            "totals": [self._out.total, self._err.total],
            "report_cut": self._report.cut,
            "seconds": self._seconds,
            "lengths": [len(part) for part in parts],
        }
        return header, b"".join(parts)

    def _exit(self):
        if self._asked is not None or self._status is None:
            return None, None
        if os.WIFSIGNALED(self._status):
            return None, os.WTERMSIG(self._status)
        return os.WEXITSTATUS(self._status), None

    def _ending(self, exit_code, number):
        if self._asked == "cancelled" or exit_code == 0:
            return self._asked or "exited"
        if self._counters.oom:
            return "out_of_memory"
        if self._counters.pids:
            return "pids"
        if self._counters.disk or number == signal.SIGXFSZ:
            return "disk"
        return self._asked or ("exited" if number is None else "signalled")
