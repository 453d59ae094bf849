"""A bound on the time of one test: an exception in the main thread, and the process's end when that fails.

PYTEST_DONT_REWRITE
"""

import faulthandler
import os
import signal
import sys
import threading
import time

_getpid = os.getpid


class TestTimeout(BaseException):
    """One test took longer than it may."""

    __test__ = False


class Watch(object):
    """Arms an alarm around a piece of work; `fired` says whether it went off since `reset`."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._depth = 0
        self._pid = _getpid()
        self.fired = False
        self._usable = seconds > 0 and threading.current_thread() is threading.main_thread()

    def reset(self):
        """Forget an earlier alarm."""
        self.fired = False

    def arm(self):
        """Start the clock; nested calls keep the outer one."""
        self._depth += 1
        if self._depth == 1 and self._usable and _getpid() == self._pid:
            self._started = time.monotonic()
            self._theirs = (signal.getitimer(signal.ITIMER_REAL)[0], signal.getsignal(signal.SIGALRM))
            if not 0 < self._theirs[0] <= self._seconds:
                signal.signal(signal.SIGALRM, self._ring)
                # It rings again each second, for code that swallows every exception.
                signal.setitimer(signal.ITIMER_REAL, self._seconds, 1.0)
            _last_resort.start(self._seconds * 1.5 + 5)

    def disarm(self):
        """Stop the clock, and let an alarm go on that somebody else had set for longer."""
        self._depth -= 1
        if self._depth == 0 and self._usable and _getpid() == self._pid:
            _last_resort.stop()
            if signal.getsignal(signal.SIGALRM) == self._ring:
                left, handler = self._theirs
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
                if left > 0:
                    passed = time.monotonic() - self._started
                    signal.setitimer(signal.ITIMER_REAL, max(0.001, left - passed))

    def _ring(self, number, frame):
        if self._depth == 0 or _getpid() != self._pid:
            return
        if time.monotonic() - self._started >= self._seconds - 0.01:
            self.fired = True
            raise TestTimeout("the test took longer than %g s" % self._seconds)


class LastResort(object):
    """Ends the process from a thread of the C library, which works while no Python code can run."""

    def __init__(self):
        self._until = None
        self._armed = False
        # A forked child would wait forever, when it exits, for a thread that only its parent has.
        os.register_at_fork(before=self._cancel, after_in_parent=self._resume)

    def start(self, seconds):
        """End the process with status 1 after some seconds."""
        self._until = time.monotonic() + seconds
        self._resume()

    def stop(self):
        """Let the process live."""
        self._until = None
        self._cancel()

    def _cancel(self):
        if self._armed:
            self._armed = False
            faulthandler.cancel_dump_traceback_later()

    def _resume(self):
        if self._until is None:
            return
        try:
            left = max(0.1, self._until - time.monotonic())
            faulthandler.dump_traceback_later(left, exit=True, file=sys.__stderr__)
            self._armed = True
        except (AttributeError, OSError, RuntimeError, ValueError):
            pass


_last_resort = LastResort()
