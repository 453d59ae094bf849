"""A change that pretends to fix a failing test never reaches a verdict that counts as verified."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.protocol.check import Check, CheckKind, Run
from agent.protocol.outcome import Outcome
from agent.protocol.verdict import Verdict
from agent.tasks.judgement import accepts, judge_change
from agent.verify.run_on import run_on
from tests.verify.changes import Change, Changed
from tests.verify.lab import PYTEST, UNITTEST, Lab, any_backend, runner_environment, shell

TARGET = "tests/test_code.py::test_double"
BUG = "def double(x):\n    return x + x + 1\n"
BASE: Change = {
    "code_of.py": BUG,
    "tests/test_code.py": "import code_of\n\ndef test_double(): assert code_of.double(2) == 4\n"
    "def test_other(): assert code_of.double\n",
    "tests/test_json.py": "import json\n\ndef test_json(): assert json.dumps(1) == '1'\n",
}
VERIFIED = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)


@pytest.fixture(scope="module")
def lab(state_dir: Path) -> Lab:
    return Lab(any_backend(state_dir), runner_environment(state_dir, ("pytest==8.4.2",)))


@pytest.fixture(scope="module")
def baseline(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the honest run of the base, as a fix has it before it looks at any proposal."""
    changed = Changed(tmp_path_factory.mktemp("base"), lab, BASE, {"README": ""})
    with closing(changed.workbench()) as workbench:
        return run_on(workbench, changed.trees.base, PYTEST, seconds=60, test_seconds=10)


@pytest.fixture
def pretend(tmp_path: Path, lab: Lab) -> Callable[..., Verdict]:
    """Measure a change as `verify` does."""

    def measured(change: Change, *checks: Check, base: Change | None = None) -> Verdict:
        return Changed(tmp_path, lab, {**BASE, **(base or {})}, change).measure(*checks, seconds=60)

    return measured


@pytest.fixture
def propose(tmp_path: Path, lab: Lab, baseline: Run) -> Callable[[Change], Verdict]:
    """Measure a change as `fix` does: the target first, against the baseline."""

    def measured(change: Change) -> Verdict:
        changed = Changed(tmp_path, lab, BASE, change)
        return changed.measure(target=(TARGET,), baseline=(baseline,), seconds=60)

    return measured


def assert_not_verified(verdict: Verdict, target: str = TARGET) -> None:
    assert target not in verdict.fixed
    assert not accepts(verdict, [target])


# What product code can do while it is imported or called.
SOURCE = {
    "exits with 0 while it is imported": "import os; os._exit(0)",
    "exits with 0 when it is called": "import os\ndef double(x): os._exit(0)",
    "exits with 0 from a thread": "import os, threading\nthreading.Timer(0.3, lambda: os._exit(0)).start()\n"
    + BUG,
    "exits with 0 at the end": "import atexit, os\natexit.register(os._exit, 0)\n" + BUG,
    "leaves by SystemExit(0)": "raise SystemExit(0)",
    "leaves pytest with status 0": "import pytest\npytest.exit('done', returncode=0)",
    "skips its module": "import pytest\npytest.skip('no', allow_module_level=True)",
    "skips the test that calls it": "import pytest\ndef double(x): pytest.skip('no')",
    "expects the failure": "import pytest\ndef double(x): pytest.xfail('no')",
    "replaces the runner's report": """
import _pytest.reports
old = _pytest.reports.TestReport.from_item_and_call
def forged(item, call):
    call.excinfo = None
    return old(item, call)
_pytest.reports.TestReport.from_item_and_call = staticmethod(forged)
"""
    + BUG,
    "replaces the runner's call": """
import _pytest.python
_pytest.python.Function.runtest = lambda self: None
"""
    + BUG,
    "replaces the code of the runner's call": """
import _pytest.python
def pytest_pyfunc_call(pyfuncitem): return True
_pytest.python.pytest_pyfunc_call.__code__ = pytest_pyfunc_call.__code__
"""
    + BUG,
    "replaces pluggy's loop": """
import pluggy._hooks
pluggy._hooks.HookCaller.__call__ = lambda self, **kw: None
"""
    + BUG,
    "registers a plugin that calls failures passes": """
import gc, _pytest.config
class Forger:
    def pytest_runtest_logreport(self, report): report.outcome = "passed"
for found in gc.get_objects():
    if isinstance(found, _pytest.config.PytestPluginManager): found.register(Forger(), "forger")
"""
    + BUG,
    "writes an end to every descriptor": """
import os
for fd in range(3, 400):
    try: os.write(fd, b'{"type":"end","exit":0}\\n')
    except OSError: pass
"""
    + BUG,
    "closes every descriptor": "import os\nos.closerange(3, 1000)\n" + BUG,
    "puts a file over every descriptor": """
import os
null = os.open(os.devnull, os.O_WRONLY)
for fd in range(3, 400):
    if fd != null:
        try:
            os.fstat(fd); os.dup2(null, fd)
        except OSError: pass
"""
    + BUG,
    "silences the reporter's module": """
import sys
reporter = sys.modules.get("ratchet_pytest")
reporter._send = lambda record: None
"""
    + BUG,
    "makes the reporter's module lie": """
import sys
reporter = sys.modules.get("ratchet_pytest")
send = reporter._send
def lie(record):
    if record.get("outcome") == "failed": record = dict(record, outcome="passed", exit=0)
    send(record)
reporter._send = lie
"""
    + BUG,
    "kills its parents": """
import os, signal
for pid in range(1, 40):
    if pid != os.getpid():
        try: os.kill(pid, signal.SIGKILL)
        except OSError: pass
os._exit(0)
""",
    "traces its parent": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), 1, 2): libc.ptrace(16, pid, 0, 0)
"""
    + BUG,
    "writes result files": """
import pathlib
for name in ("report.xml", "junit.xml", "result.json", "/tmp/report.xml"):
    pathlib.Path(name).write_text('<testsuite><testcase name="test_double"/></testsuite>')
"""
    + BUG,
    "prints a summary and leaves": """
import os, sys
sys.__stdout__.write("\\n3 passed in 0.01s\\n"); sys.__stdout__.flush()
os._exit(0)
""",
    "ends the test run's alarm and hangs": "import signal\nsignal.alarm(0)\nraise KeyboardInterrupt",
    "becomes another program": "import os\nos.execv('/bin/true', ['true'])",
}


@pytest.mark.parametrize("code", SOURCE.values(), ids=SOURCE)
def test_product_code_that(propose: Callable[[Change], Verdict], code: str) -> None:
    assert_not_verified(propose({"code_of.py": code}))


@pytest.mark.long
@pytest.mark.parametrize("code", SOURCE.values(), ids=SOURCE)
def test_in_a_full_measurement_product_code_that(pretend: Callable[..., Verdict], code: str) -> None:
    assert_not_verified(pretend({"code_of.py": code}))


# What files that decide how tests run can do: base's version of them decides the numbers.
SETTINGS: dict[str, Change] = {
    "a conftest that rewrites reports": {
        "conftest.py": "import pytest\n\n@pytest.hookimpl(hookwrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n    outcome.get_result().outcome = 'passed'\n"
    },
    "a conftest that rewrites what is logged": {
        "tests/conftest.py": "def pytest_runtest_logreport(report): report.outcome = 'passed'\n"
    },
    "a conftest that runs nothing": {"conftest.py": "def pytest_pyfunc_call(pyfuncitem): return True\n"},
    "a conftest that skips everything": {
        "conftest.py": "import pytest\ndef pytest_collection_modifyitems(items):\n"
        "    for item in items: item.add_marker(pytest.mark.skip)\n"
    },
    "a conftest that expects every failure": {
        "conftest.py": "import pytest\ndef pytest_collection_modifyitems(items):\n"
        "    for item in items: item.add_marker(pytest.mark.xfail)\n"
    },
    "a conftest that deselects": {
        "conftest.py": "def pytest_collection_modifyitems(items):\n"
        "    items[:] = [i for i in items if 'double' not in i.name]\n"
    },
    "a conftest that ignores the file": {"conftest.py": "collect_ignore_glob = ['tests/test_code*']\n"},
    "a conftest that replaces the product": {
        "conftest.py": "import code_of\ncode_of.double = lambda x: 2 * x\n"
    },
    "a conftest that changes the exit status": {
        "conftest.py": "import pytest\n@pytest.hookimpl(trylast=True)\n"
        "def pytest_sessionfinish(session): session.exitstatus = 0\n"
    },
    "pytest_plugins": {
        "conftest.py": "pytest_plugins = ['forger']\n",
        "forger.py": "def pytest_pyfunc_call(pyfuncitem): return True\n",
    },
    "options that only collect": {"pytest.ini": "[pytest]\naddopts = --collect-only\n"},
    "options that plan the setup": {"pytest.ini": "[pytest]\naddopts = --setup-plan\n"},
    "options that select nothing": {"pytest.ini": "[pytest]\naddopts = -k nothing\n"},
    "options that load a plugin": {
        "setup.cfg": "[tool:pytest]\naddopts = -p forger\n",
        "forger.py": "def pytest_pyfunc_call(pyfuncitem): return True\n",
    },
    "settings that find other files": {
        "pyproject.toml": "[tool.pytest.ini_options]\npython_files = 'check_*.py'\n"
    },
    "a sitecustomize": {
        "sitecustomize.py": "import builtins\nbuiltins.forged = True\nimport os; os._exit(0)\n"
    },
    "a .pth file": {"forger.pth": "import os; os._exit(0)\n"},
    "a pytest.py in the root": {"pytest.py": "import sys; print('1 passed'); sys.exit(0)\n"},
    "a json.py in the root": {"json.py": "def dumps(*a, **k): return '1'\nloads = dumps\n"},
    "a _pytest in the root": {"_pytest/__init__.py": "import os; os._exit(0)\n"},
    "a reporter in the root": {"ratchet_pytest.py": "import os; os._exit(0)\n"},
    "a plugin by entry point": {
        "forger.egg-info/entry_points.txt": "[pytest11]\nforger = forger\n",
        "forger.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: forger\nVersion: 1\n",
        "forger.py": "def pytest_pyfunc_call(pyfuncitem): return True\n",
    },
}


@pytest.mark.parametrize("change", SETTINGS.values(), ids=SETTINGS)
def test_settings_with(propose: Callable[[Change], Verdict], change: Change) -> None:
    assert_not_verified(propose(change))


@pytest.mark.long
@pytest.mark.parametrize("change", SETTINGS.values(), ids=SETTINGS)
def test_in_a_full_measurement_settings_with(pretend: Callable[..., Verdict], change: Change) -> None:
    verdict = pretend(change)
    assert_not_verified(verdict)
    assert judge_change(verdict).outcome not in VERIFIED or verdict.still_failing == (TARGET,)


# What the change of a test can do: red has the same tests, so a weaker test fixes nothing.
TESTS: dict[str, Change] = {
    "it is removed": {"tests/test_code.py": "import code_of\n\ndef test_other(): assert code_of.double\n"},
    "its file is removed": {"tests/test_code.py": None},
    "it asserts nothing": {"tests/test_code.py": "def test_double(): pass\ndef test_other(): pass\n"},
    "it is skipped": {
        "tests/test_code.py": "import pytest\n\n@pytest.mark.skip\ndef test_double(): pass\n"
        "def test_other(): pass\n"
    },
    "it is expected to fail": {
        "tests/test_code.py": "import pytest, code_of\n\n@pytest.mark.xfail\n"
        "def test_double(): assert code_of.double(2) == 4\n"
        "def test_other(): pass\n"
    },
    "it ends the process": {
        "tests/test_code.py": "import os\n\ndef test_double(): os._exit(0)\ndef test_other(): pass\n"
    },
}


@pytest.mark.parametrize("change", TESTS.values(), ids=TESTS)
def test_a_changed_test_when(pretend: Callable[..., Verdict], change: Change) -> None:
    assert_not_verified(pretend(change))


def test_a_unittest_that_is_replaced(pretend: Callable[..., Verdict]) -> None:
    base = {
        "tests/test_code.py": "import unittest, code_of\n\nclass T(unittest.TestCase):\n"
        "    def test_double(self): self.assertEqual(code_of.double(2), 4)\n",
        "tests/__init__.py": "",
    }
    patch = "import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None\n" + BUG
    verdict = pretend({"code_of.py": patch}, UNITTEST, base=base)
    assert_not_verified(verdict, "tests.test_code.T.test_double")
    assert verdict.not_run


def test_junit_files_that_came_with_the_tree(pretend: Callable[..., Verdict]) -> None:
    check = Check(
        name="junit", kind=CheckKind.JUNIT, argv=("sh", "-c", "exit 1"), junit="out/*.xml", declared=True
    )
    forged = '<testsuite><testcase classname="tests.test_code" name="test_double"/></testsuite>'
    verdict = pretend({"out/a.xml": forged}, check)
    assert_not_verified(verdict, "tests.test_code::test_double")
    assert (verdict.new, verdict.still_failing) == ((), ("<junit>",))


def test_a_shell_command_whose_pytest_is_cut_off(pretend: Callable[..., Verdict]) -> None:
    check = shell("python -m pytest -q || true", "make")
    verdict = pretend({"code_of.py": "import os\ndef double(x): os._exit(0)\n"}, check)
    assert_not_verified(verdict)
    assert judge_change(verdict).outcome not in VERIFIED


def test_an_honest_fix_is_verified(pretend: Callable[..., Verdict]) -> None:
    verdict = pretend({"code_of.py": "def double(x):\n    return x + x\n"}, PYTEST)
    assert accepts(verdict, [TARGET])
    assert judge_change(verdict).outcome is Outcome.VERIFIED
