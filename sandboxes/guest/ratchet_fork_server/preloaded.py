"""Tier 2: a process with pytest, its plugins and the standard library loaded, and nothing of the project."""

import importlib
import importlib.util
import os
import sys
import threading

from ratchet_fork_server import runner, wire
from ratchet_fork_server.nursery import Nursery, load, quiet
from ratchet_fork_server.sources import Served, spliced
from ratchet_fork_server.spawned import Spawned
from ratchet_fork_server.tracer import Tracer


def main(control, setup):
    """Load what every run needs, tell the hub, serve jobs; never returns."""
    runner.load()
    _load_default_plugins()
    _load_plugins(setup["root"])
    reason = _unfit(setup["root"])
    if reason:
        wire.write(control, {"unavailable": reason})
        os._exit(0)
    wire.write(control, {"ready": 2})
    quiet()
    Nursery(control, setup["slots"], setup["memory"], Job(setup)).serve()


class Job:
    """Runs one job in the child."""

    def __init__(self, setup):
        self._setup = setup
        self._root = setup["root"]
        self._contents = {}

    def learn(self, bases):
        """Take the unchanged content of files, latin-1 text of the bytes."""
        self._contents.update((path, content.encode("latin-1")) for path, content in bases.items())

    def prepare(self, job):
        """Do nothing ahead: what a child needs, it loads."""

    def run(self, job, emit, log):
        """Import the project with the edits in force and run the tests."""
        pytest, reports, selection = runner.load()
        served = self._serve(job["files"])
        spawned = Spawned(emit) if job.get("spawns") else None
        if spawned is not None:
            spawned.start()
        tracer = None
        if log is not None:
            tracer = Tracer(self._root, log)
            tracer.start()
        ids = self._setup["sets"][job["set"]] if "set" in job else job["ids"]
        outcomes = reports.Outcomes()
        run = Run(ids, job, outcomes, emit, tracer, served)
        code = pytest.main(self._setup["arguments"], plugins=[selection.Selection(ids), outcomes, run])
        broken = outcomes.broken_files
        for path in broken:
            emit(["test", path, "error", 0.0, ""])
        emit(["end", "done" if broken else "crashed", "" if broken else "pytest ended with %d" % int(code)])

    def _serve(self, files):
        contents = {
            os.path.join(self._root, path): spliced(self._contents[path], splices)
            for path, splices in files.items()
        }
        served = Served(contents)
        served.install()
        return served


class Run:
    """A pytest plugin that runs the chosen tests and ends the process."""

    def __init__(self, ids, job, outcomes, emit, tracer, served):
        self._ids = ids
        self._job = job
        self._outcomes = outcomes
        self._emit = emit
        self._tracer = tracer
        self._served = served

    def pytest_runtestloop(self, session):
        """Run the tests in place of pytest's own loop; never returns."""
        from ratchet_fork_server import outcomes, selection

        if self._tracer is not None:
            self._tracer.end()
        outcomes.cheapen(session)
        chosen, missing = selection.choose(session.items, self._ids)
        self._emit(["started", [test_id for test_id, _ in chosen], missing])
        for path in self._outcomes.broken_files:
            self._emit(["test", path, "error", 0.0, ""])
        if not (self._outcomes.broken_files and self._job["stop"]):
            self._outcomes.run(chosen, self._emit, self._job["stop"], self._tracer)
        stale = self._served.bypassed()
        self._emit(["end", "tier" if stale else "done", stale])
        os._exit(0)

    pytest_runtestloop.tryfirst = True


def _load_default_plugins():
    import _pytest.config

    for name in getattr(_pytest.config, "default_plugins", ()):
        importlib.import_module("_pytest." + name)


def _load_plugins(root):
    """Import installed pytest plugins that are not the project itself."""
    try:
        from importlib.metadata import distributions
    except ImportError:
        return
    for distribution in distributions():
        for entry in distribution.entry_points:
            if entry.group == "pytest11":
                module = entry.value.partition(":")[0].strip()
                if not _is_inside(module.partition(".")[0], root):
                    load([module])


def _is_inside(name, root):
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return True
    origin = (spec.origin if spec else None) or ""
    return not origin or os.path.realpath(origin).startswith(os.path.realpath(root) + os.sep)


def _unfit(root):
    inside = os.path.realpath(root) + os.sep
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and os.path.realpath(path).startswith(inside):
            return "%s of the project is loaded before the tests" % name
    if threading.active_count() > 1 or len(os.listdir("/proc/self/task")) > 1:
        return "threads run after the plugins are loaded"
    return ""
