"""What the host asks of a reporter, and the one stream of this process.

PYTEST_DONT_REWRITE
"""

import json
import os

from ratchet_stream import open_stream

_PREFIX = "RATCHET_REPORT_"
_FOLDER = os.path.dirname(os.path.abspath(__file__))


class Settings(object):
    """The key of the stream, the selected tests, the seconds one test may take."""

    def __init__(self, given):
        self.select = tuple(given.get("select") or ())
        self.test_seconds = float(given.get("test_seconds") or 0)
        self.plugins = tuple(given.get("plugins") or ())
        self.root = os.path.realpath(_take("ROOT") or os.getcwd())
        key = str(given.get("key") or "").encode("ascii")
        self.stream = open_stream(_take("FD"), _take("PATH"), key)


_current = []


def configure(given):
    """Set the settings that a launcher read from its standard input."""
    _current[:] = [Settings(given)]
    return _current[0]


def current():
    """Return the settings of this process; without a launcher they come from the environment, once."""
    if not _current:
        configure(_from_environment())
        _withdraw()
    return _current[0]


def _from_environment():
    given = {"key": _take("KEY"), "test_seconds": _take("TEST_SECONDS")}
    try:
        given["select"] = json.loads(_take("SELECT") or "[]")
        given["plugins"] = json.loads(_take("PLUGINS") or "[]")
    except ValueError:
        pass
    return given


def _take(name):
    return os.environ.pop(_PREFIX + name, None)


def _withdraw():
    """Remove what loads the reporter, so that a runner started by a test does not load it again."""
    _set("PYTEST_ADDOPTS", os.environ.get("PYTEST_ADDOPTS", "").replace("-p ratchet_pytest", "", 1).strip())
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    _set("PYTHONPATH", os.pathsep.join(path for path in paths if os.path.abspath(path) != _FOLDER))


def _set(name, value):
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)
