"""The unittest runner that reports every test to the host."""

import os
import sys
import time
import unittest

import ratchet_failure
import ratchet_patched
import ratchet_settings
from ratchet_watch import TestTimeout, Watch

_settings = ratchet_settings.current()
_send = _settings.stream.send if _settings.stream is not None else lambda record: None
_before = ratchet_patched.snapshot()


class Result(unittest.TextTestResult):
    """Turns unittest's callbacks into records."""

    def __init__(self, *args, **kwargs):
        super(Result, self).__init__(*args, **kwargs)
        self.watch = Watch(_settings.test_seconds)
        self.waiting = []

    def startTest(self, test):
        """Say that a test starts, and bound its time."""
        super(Result, self).startTest(test)
        self._begun = time.time()
        if test.id() in self.waiting:
            self.waiting.remove(test.id())
        _send({"type": "start", "id": test.id()})
        self.watch.reset()
        self.watch.arm()

    def stopTest(self, test):
        """Say that a test is over."""
        self.watch.disarm()
        super(Result, self).stopTest(test)
        _send({"type": "finish", "id": test.id()})

    def addSuccess(self, test):
        """Report a pass."""
        super(Result, self).addSuccess(test)
        self._phase(test, "passed")

    def addFailure(self, test, err):
        """Report a failed assertion."""
        super(Result, self).addFailure(test, err)
        self._phase(test, "failed", err, assertion=True)

    def addError(self, test, err):
        """Report an error of a test, or of what many tests share."""
        super(Result, self).addError(test, err)
        if isinstance(test, unittest.TestCase):
            self._phase(test, "failed", err)
        else:
            self._shared(test, "failed", err)

    def addSkip(self, test, reason):
        """Report a skip of a test, or of what many tests share."""
        super(Result, self).addSkip(test, reason)
        if isinstance(test, unittest.TestCase):
            self._phase(test, "skipped", reason=reason)
        else:
            self._shared(test, "skipped", None, reason)

    def addExpectedFailure(self, test, err):
        """Report a failure that was announced."""
        super(Result, self).addExpectedFailure(test, err)
        self._phase(test, "skipped", err, xfail=True)

    def addUnexpectedSuccess(self, test):
        """Report a pass that was announced as a failure: to unittest that is a failure."""
        super(Result, self).addUnexpectedSuccess(test)
        self._phase(test, "failed", reason="unexpected success")

    def addSubTest(self, test, subtest, err):
        """Report a failed part of a test."""
        super(Result, self).addSubTest(test, subtest, err)
        if err is not None:
            self._phase(test, "failed", err, assertion=issubclass(err[0], test.failureException))

    def _phase(self, test, outcome, err=None, assertion=False, xfail=False, reason=""):
        seconds = round(time.time() - self._begun, 4) if hasattr(self, "_begun") else 0
        record = {"type": "phase", "id": test.id(), "when": "call", "outcome": outcome, "seconds": seconds}
        record.update(_failure(err, assertion, reason))
        if xfail:
            record["xfail"] = True
        if self.watch.fired or (err is not None and issubclass(err[0], TestTimeout)):
            record["timeout"] = True
        _send(record)

    def _shared(self, holder, outcome, err, reason=""):
        """Give every test that now cannot run the outcome of the class or module it waits for."""
        kind, _, owner = str(holder).rstrip(")").partition(" (")
        if not kind.startswith("setUp"):
            _send(dict(_failure(err, False, reason), type="collect_error", id=str(holder)))
            return
        for name in [name for name in self.waiting if name.startswith(owner + ".")]:
            self.waiting.remove(name)
            _send({"type": "start", "id": name})
            record = {"type": "phase", "id": name, "when": "setup", "outcome": outcome, "seconds": 0}
            _send(dict(_failure(err, False, reason), **record))
            _send({"type": "finish", "id": name})


def _failure(err, assertion, reason):
    if err is None:
        return {"message": reason[: ratchet_failure.MESSAGE]} if reason else {}
    import traceback

    return {
        "message": ratchet_failure.message(err[1]),
        "assertion": assertion,
        "trace": ratchet_failure.frames(err[2], _settings.root),
        "details": ratchet_failure.details("".join(traceback.format_exception(*err))),
    }


class Runner(unittest.TextTestRunner):
    """Runs the selected tests of a suite and reports the session."""

    resultclass = Result

    def run(self, test):
        """Report what was collected, then run it."""
        overridden = ["--failfast"] if self.failfast else []
        self.failfast = False
        _send({"type": "load", "runner": "unittest", "version": "", "python": sys.version.split()[0]})
        _send({"type": "session", "rootdir": os.getcwd(), "overridden": overridden})
        broken = []
        _prune(test, broken)
        for case in broken:
            _send_broken(case)
        self._ids = [case.id() for case in _flat(test)]
        _send({"type": "collected", "ids": self._ids})
        _send({"type": "collection", "count": len(self._ids), "patched": ratchet_patched.changed(_before)})
        result = super(Runner, self).run(test)
        result.broken = broken
        return result

    def _makeResult(self):
        result = super(Runner, self)._makeResult()
        result.waiting = list(self._ids)
        return result


def _flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            for inner in _flat(test):
                yield inner
        elif isinstance(test, unittest.TestCase):
            yield test


def _prune(suite, broken):
    """Take out what was not selected, and what is only a module that could not be imported."""
    kept = []
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            _prune(test, broken)
            kept.append(test)
        elif type(test).__name__ == "_FailedTest":
            broken.append(test)
        elif test is not None and _is_selected(test.id()):
            kept.append(test)
    suite._tests = kept


def _is_selected(name):
    if not _settings.select:
        return True
    return any(_names(wanted, name) for wanted in _settings.select)


def _names(wanted, name):
    if "/" in wanted or wanted.endswith(".py"):
        dotted = wanted[:-3] if wanted.endswith(".py") else wanted.rstrip("/")
        return "." + dotted.replace("/", ".") + "." in "." + name
    return wanted == "." or name == wanted or name.startswith(wanted + ".")


def _send_broken(case):
    error = getattr(case, "_exception", None)
    text = str(error or "")
    name = case.id().replace("unittest.loader._FailedTest.", "")
    lines = [line for line in text.splitlines() if line.strip()]
    message = lines[-1].strip() if lines else "cannot be imported"
    _send({"type": "collect_error", "id": name, "message": message, "details": ratchet_failure.details(text)})


def finish(result):
    """Report the end of the session; returns the exit status that `python -m unittest` would have."""
    nothing = result.testsRun == 0 and not result.skipped and not result.broken
    status = 5 if nothing else int(bool(result.broken) or not result.wasSuccessful())
    _send({"type": "end", "exit": status, "stopped": "", "patched": ratchet_patched.changed(_before)})
    return status
