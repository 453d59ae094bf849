"""Runs collected tests one after the other and says what each did."""

import time

import pytest

_UNREAD = {
    "terminalreporter": (
        "pytest_runtest_logstart",
        "pytest_runtest_logreport",
        "pytest_runtest_logfinish",
        "pytest_warning_recorded",
    ),
    "assertion": ("pytest_assertrepr_compare",),
}


class Outcomes:
    """A pytest plugin that folds the reports of one test into one status."""

    def __init__(self):
        self.broken_files = []
        self._reset()

    def _reset(self):
        self._status = ""
        self._error = ""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Keep the type of the first exception."""
        if call.excinfo is not None and not self._error:
            self._error = call.excinfo.type.__name__
        yield

    def pytest_runtest_logreport(self, report):
        """Fold one phase into the status."""
        if report.failed:
            failed = "failed" if report.when == "call" else "error"
            self._status = self._status if self._status in ("failed", "error") else failed
        elif report.skipped:
            self._status = self._status or ("xfailed" if hasattr(report, "wasxfail") else "skipped")
        elif report.when == "call":
            self._status = self._status or ("xpassed" if hasattr(report, "wasxfail") else "passed")

    def pytest_collectreport(self, report):
        """Note a file that could not be collected."""
        if report.failed:
            self.broken_files.append(report.nodeid)

    def run(self, chosen, emit, stop, tracer=None):
        """Run (id, item) pairs in order; `stop` ends at the first that does not pass."""
        for position, (test_id, item) in enumerate(chosen):
            following = chosen[position + 1][1] if position + 1 < len(chosen) else None
            self._reset()
            began = time.perf_counter()
            if tracer is not None:
                tracer.begin(position)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if tracer is not None:
                tracer.end()
            seconds = time.perf_counter() - began
            status = self._status or "error"
            emit(["test", test_id, status, round(seconds, 6), self._error])
            if stop and status != "passed":
                return


def cheapen(session):
    """Spare what nobody will read: tracebacks, explanations of failed comparisons, the terminal's lines."""
    for item in session.items:
        item.repr_failure = _name_only
        item._repr_failure_py = _name_only
    manager = session.config.pluginmanager
    for name, hooks in _UNREAD.items():
        plugin = manager.get_plugin(name)
        for hook in hooks if plugin is not None else ():
            caller = getattr(manager.hook, hook, None)
            if caller is not None and any(one.plugin is plugin for one in caller.get_hookimpls()):
                caller._remove_plugin(plugin)


def _name_only(excinfo, style=None):
    return excinfo.type.__name__
