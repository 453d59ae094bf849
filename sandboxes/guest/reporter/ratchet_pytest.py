"""The pytest plugin that reports every test to the host; works with pytest 5 and later.

PYTEST_DONT_REWRITE
"""

import os
import sys

import pytest
import ratchet_failure
import ratchet_options
import ratchet_patched
import ratchet_settings
from ratchet_watch import Watch

_CHUNK = 500
_settings = ratchet_settings.current()
_send = _settings.stream.send if _settings.stream is not None else lambda record: None


class Reporter(object):
    """What the hooks of one session share."""

    def __init__(self):
        self.watch = Watch(_settings.test_seconds)
        self.overridden = set()
        self.before = ratchet_patched.snapshot()
        self.facts = {}
        self.raw = {}
        self.prefix = ""
        self.session = None

    def override(self, names):
        """Remember options that were neutralized."""
        self.overridden.update(names)


_reporter = Reporter()
_send(
    {
        "type": "load",
        "runner": "pytest",
        "version": pytest.__version__,
        "python": "%d.%d.%d" % sys.version_info[:3],
        "pid": os.getpid(),
    }
)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Neutralize before plugins such as pytest-cov start to work."""
    _reporter.override(ratchet_options.neutralize(early_config.known_args_namespace))
    yield


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_cmdline_main(config):
    """Neutralize before any plugin acts on the final options."""
    _reporter.override(ratchet_options.neutralize(config.option))
    ratchet_options.fix_seed(config.option)
    if hasattr(config.option, "continue_on_collection_errors"):
        config.option.continue_on_collection_errors = True
    yield


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session):
    """Point the session at the selected files and say how it starts."""
    config = session.config
    _reporter.prefix = _below_the_root(str(config.rootdir))
    _reporter.override(ratchet_options.silence_plugins(config.pluginmanager))
    if _settings.select:
        config.args = _paths(_settings.select)
    _send({"type": "session", "rootdir": str(config.rootdir), "overridden": sorted(_reporter.overridden)})


def _below_the_root(folder):
    """Return what turns pytest's ids, relative to its own root, into ids relative to the tree."""
    path = os.path.relpath(os.path.realpath(folder), _settings.root)
    return "" if path == os.curdir or path.startswith(os.pardir) else path.replace(os.sep, "/") + "/"


def _full(node_id):
    return _reporter.prefix + node_id


def _paths(select):
    found = []
    for name in select:
        path = os.path.join(_settings.root, name.partition("::")[0])
        if os.path.exists(path) and path not in found:
            found.append(path)
    return found


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    """Bound the time a module takes to import, and report what could not be collected."""
    _reporter.watch.reset()
    _reporter.watch.arm()
    outcome = yield
    _reporter.watch.disarm()
    report = outcome.get_result()
    if report.outcome == "failed":
        _send_collection_error(report)


def _send_collection_error(report):
    call = getattr(report, "call", None)
    info = getattr(call, "excinfo", None)
    text = str(report.longrepr or "")
    _send(
        {
            "type": "collect_error",
            "id": _full(report.nodeid),
            "timeout": _reporter.watch.fired,
            "message": ratchet_failure.message(info.value) if info else _last_line(text),
            "details": ratchet_failure.details(text),
            "trace": ratchet_failure.frames(info.tb, _settings.root) if info else [],
        }
    )


def _last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[: ratchet_failure.MESSAGE] if lines else ""


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_collection_modifyitems(config, items):
    """Keep the selected tests only, after every other plugin had its say."""
    yield
    if not _settings.select:
        return
    chosen = [item for item in items if _is_selected(_full(item.nodeid))]
    left_out = [item for item in items if not _is_selected(_full(item.nodeid))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    items[:] = chosen


_exact = frozenset(_settings.select)
_prefixes = tuple(name.rstrip("/") + mark for name in _settings.select for mark in ("::", "[", "/"))


def _is_selected(node_id):
    return node_id in _exact or node_id.startswith(_prefixes) or "." in _exact


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    """Say which tests are about to run."""
    ids = [_full(item.nodeid) for item in session.items]
    for start in range(0, len(ids), _CHUNK):
        _send({"type": "collected", "ids": ids[start : start + _CHUNK]})
    _send({"type": "collection", "count": len(ids), "patched": ratchet_patched.changed(_reporter.before)})


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart(nodeid):
    """Say that a test starts."""
    _reporter.facts.clear()
    _reporter.raw.clear()
    _reporter.watch.reset()
    _send({"type": "start", "id": _full(nodeid)})


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish(nodeid):
    """Say that a test is over."""
    _send({"type": "finish", "id": _full(nodeid)})


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    """Bound the time of the setup."""
    _reporter.watch.arm()
    yield
    _reporter.watch.disarm()


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    """Bound the time of the teardown."""
    _reporter.watch.arm()
    yield
    _reporter.watch.disarm()


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_call(item):
    """Bound the time of the test, and keep what it really raised apart from what hooks make of it."""
    _reporter.watch.arm()
    outcome = yield
    _reporter.watch.disarm()
    _reporter.raw[item.nodeid] = _is_failure(outcome)


def _is_failure(outcome):
    if outcome.excinfo is None:
        return False
    return not isinstance(outcome.excinfo[1], (pytest.skip.Exception, pytest.xfail.Exception))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    """Keep the facts about an exception that a report no longer holds."""
    yield
    if call.excinfo is None:
        return
    value = call.excinfo.value
    _reporter.facts[(item.nodeid, call.when)] = {
        "message": ratchet_failure.message(value),
        "assertion": _is_assertion(value),
        "trace": ratchet_failure.frames(call.excinfo.tb, _settings.root),
    }


def _is_assertion(value):
    if isinstance(value, (AssertionError, pytest.fail.Exception)):
        return True
    return type(value).__name__ in ("DocTestFailure", "DocTestFailureException", "MultipleDoctestFailures")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    """Report one phase of one test."""
    record = {
        "type": "phase",
        "id": _full(report.nodeid),
        "when": report.when,
        "outcome": report.outcome,
        "seconds": round(getattr(report, "duration", 0) or 0, 4),
    }
    if getattr(report, "wasxfail", None) is not None:
        record["xfail"] = True
    if getattr(report, "context", None) is not None:
        record["subtest"] = True
    if report.when == "call" and _reporter.raw.get(report.nodeid):
        record["raised"] = True
    if _reporter.watch.fired:
        record["timeout"] = True
    if report.outcome != "passed":
        record.update(_failure(report))
    _send(record)


def _failure(report):
    text = str(getattr(report, "longreprtext", "") or report.longrepr or "")
    facts = _reporter.facts.get((report.nodeid, report.when))
    if facts is None:
        facts = {"message": _last_line(text)}
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        facts = dict(facts, message=str(report.longrepr[2])[: ratchet_failure.MESSAGE])
        text = ""
    return dict(facts, details=ratchet_failure.details(text))


@pytest.hookimpl(trylast=True)
def pytest_internalerror(excrepr):
    """Report an error of pytest or of a plugin."""
    _send({"type": "internal_error", "message": _last_line(str(excrepr))})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Remember the session, whose exit status other plugins may still change."""
    _reporter.session = session


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """Say how the session ended."""
    session = _reporter.session
    if session is None:
        return
    stop = session.shouldstop or session.shouldfail or ""
    _send(
        {
            "type": "end",
            "exit": int(session.exitstatus),
            "stopped": str(stop) if stop else "",
            "patched": ratchet_patched.changed(_reporter.before),
        }
    )
