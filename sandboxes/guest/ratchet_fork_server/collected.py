"""Tier 1: a pytest session whose tests are collected; children swap code and run."""

import os
import sys
import threading

from ratchet_fork_server import runner, wire
from ratchet_fork_server.executed import Executed
from ratchet_fork_server.live import LiveFunctions
from ratchet_fork_server.nursery import Nursery, quiet
from ratchet_fork_server.sources import Served, spliced
from ratchet_fork_server.swap import NotSwappable
from ratchet_fork_server.tracer import Tracer


def main(control, setup):
    """Collect, tell the hub, serve jobs; ends the process."""
    pytest, reports, selection = runner.load()
    outcomes = reports.Outcomes()
    executed = Executed(setup["root"])
    session = Collected(control, setup, outcomes, executed)
    ids = [test_id for members in setup["sets"].values() for test_id in members]
    executed.start()
    code = pytest.main(setup["arguments"], plugins=[selection.Selection(ids), outcomes, session])
    sys.stdout.flush()
    reason = session.reason or "collection ended with exit code %d" % int(code)
    wire.write(control, {"unavailable": reason})


class Collected:
    """A pytest plugin that takes over where the tests would run."""

    def __init__(self, control, setup, outcomes, executed):
        self._control = control
        self._setup = setup
        self._root = setup["root"]
        self._outcomes = outcomes
        self._executed = executed
        self.reason = ""

    def pytest_runtestloop(self, session):
        """Serve jobs instead of running the tests; never returns."""
        self._executed.stop()
        self.reason = self._unfit()
        if self.reason:
            raise session.Interrupted(self.reason)
        _, reports, selection = runner.load()
        reports.cheapen(session)
        self._choose = lambda ids: selection.choose(session.items, ids)
        self._sets = {name: self._choose(ids) for name, ids in self._setup["sets"].items()}
        self._live = LiveFunctions(self._root, self._executed.codes)
        self._modules = {}
        wire.write(self._control, {"ready": 1, "modules": standard_modules()})
        quiet()
        Nursery(self._control, self._setup["slots"], self._setup["memory"], self).serve()

    pytest_runtestloop.tryfirst = True

    def _unfit(self):
        if self._outcomes.broken_files:
            return "%s cannot be collected" % self._outcomes.broken_files[0]
        if threading.active_count() > 1 or len(os.listdir("/proc/self/task")) > 1:
            return "threads run after collection"
        return ""

    def learn(self, bases):
        """Take the unchanged content of files, latin-1 text of the bytes."""
        for path, content in bases.items():
            content, path = content.encode("latin-1"), os.path.join(self._root, path)
            module = self._live.module(path, content) if self._live.knows(path) else None
            self._modules[path] = (content, module)

    def prepare(self, job):
        """Compile the unchanged code, once for all children that follow."""
        for path, splices in job["files"].items():
            _, module = self._modules[os.path.join(self._root, path)]
            if module is not None:
                module.unchanged(splices)

    def run(self, job, emit, log):
        """Put the edits into force and run the tests, in the child."""
        chosen, missing = self._sets[job["set"]] if "set" in job else self._choose(job["ids"])
        contents = {}
        for path, splices in job["files"].items():
            path = os.path.join(self._root, path)
            content, module = self._modules[path]
            contents[path] = spliced(content, splices)
            try:
                if module is not None:
                    self._live.swap(module, splices)
            except NotSwappable as error:
                emit(["end", "tier", str(error)])
                return
            except (SyntaxError, ValueError) as error:
                emit(["end", "invalid", str(error)])
                return
        if contents:
            Served(contents).install()
        tracer = None
        if log is not None:
            tracer = Tracer(self._root, log)
            tracer.start()
        emit(["started", [test_id for test_id, _ in chosen] if log is not None else [], missing])
        self._outcomes.run(chosen, emit, job["stop"], tracer)
        emit(["end", "done", ""])


def standard_modules():
    """Return the names of the loaded modules that belong to the interpreter itself."""
    home = os.path.dirname(os.__file__) + os.sep
    return sorted(
        name
        for name, module in list(sys.modules.items())
        if not name.startswith("_pytest")
        and (getattr(module, "__file__", None) or "").startswith(home)
        and "site-packages" not in module.__file__
    )
