"""A change is measured against red, with the tests it brings along, and bound to its tree."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.protocol.check import Check, CheckKind
from agent.protocol.errors import Interrupted
from agent.protocol.verdict import Scope, TamperKind
from agent.verify.measure import measure
from agent.verify.run_on import run_on
from tests.verify.changes import Change, Changed
from tests.verify.lab import PYTEST, Lab, shell

Make = Callable[[Change, Change], Changed]

BUG = "def double(x):\n    return x + x + 1\n\ndef half(x):\n    return x / 2\n"
FIX = BUG.replace(" + 1", "")
TESTS = (
    "from code_of import double, half\n\ndef test_double(): assert double(2) == 4\n"
    "def test_half(): assert half(4) == 2\n"
)
SEEDED = """
import os
from code_of import double

def test_seed():
    assert double(1) == 2 and os.environ["PYTHONHASHSEED"] == "0"
"""
SKIP_ALL = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.skip)
"""
BASE: Change = {"code_of.py": BUG, "tests/test_code.py": TESTS, "conftest.py": ""}


@pytest.fixture
def make(tmp_path: Path, lab: Lab) -> Make:
    return lambda base, change: Changed(tmp_path, lab, base, change)


def test_a_fix_is_fixed_and_the_rest_passes(make: Make) -> None:
    changed = make(BASE, {"code_of.py": FIX})
    verdict = changed.measure()
    assert (verdict.fixed, verdict.passed) == (("tests/test_code.py::test_double",), 1)
    assert verdict.harmless
    assert (verdict.tree, verdict.scope) == (changed.trees.candidate, Scope.FULL)


@pytest.mark.parametrize("scope", [Scope.TARGET, Scope.IMPACTED])
def test_a_part_of_the_tests_is_compared_with_the_same_part_of_a_whole_run_that_is_known(
    make: Make, scope: Scope
) -> None:
    other = {"tests/test_other.py": "def test_other(): pass\n", "other.py": ""}
    changed = make({**BASE, **other}, {"code_of.py": FIX})
    with closing(changed.workbench()) as workbench:
        known = run_on(workbench, changed.trees.base, PYTEST, seconds=60, test_seconds=10)
    target = ("tests/test_code.py::test_double",)
    verdict = changed.measure(scope=scope, target=target, baseline=(known,))
    assert (verdict.scope, verdict.fixed, verdict.vanished) == (scope, target, ())


def test_a_break_is_broken(make: Make) -> None:
    verdict = make(BASE, {"code_of.py": BUG.replace("/ 2", "/ 3")}).measure()
    assert verdict.broken == ("tests/test_code.py::test_half",)
    assert verdict.still_failing == ("tests/test_code.py::test_double",)


def test_a_new_test_that_fails_on_red_for_an_assertion_is_fixed_and_one_for_new_code_is_new(
    make: Make,
) -> None:
    base = {
        **BASE,
        "tests/test_code.py": "from code_of import half\n\ndef test_half(): assert half(4) == 2\n",
    }
    change = {
        "code_of.py": FIX + "\ndef triple(x):\n    return 3 * x\n",
        "tests/test_code.py": TESTS
        + "\ndef test_triple():\n    import code_of\n    assert code_of.triple(1) == 3\n",
    }
    verdict = make(base, change).measure()
    assert verdict.fixed == ("tests/test_code.py::test_double",)
    assert verdict.new == ("tests/test_code.py::test_triple",)
    assert (verdict.passed, verdict.harmless) == (1, True)


def test_a_new_test_that_fails_before_and_after_is_broken(make: Make) -> None:
    verdict = make(BASE, {"code_of.py": FIX, "tests/test_more.py": "def test_more(): assert 0\n"}).measure()
    assert verdict.broken == ("tests/test_more.py::test_more",)


def test_a_test_that_the_change_removes_has_vanished(make: Make) -> None:
    text = "from code_of import half\n\ndef test_half(): assert half(4) == 2\n"
    verdict = make(BASE, {"tests/test_code.py": text}).measure()
    assert verdict.vanished == ("tests/test_code.py::test_double",)
    assert not verdict.harmless


def test_a_removed_test_file_has_vanished(make: Make) -> None:
    verdict = make(
        {**BASE, "tests/test_more.py": "def test_more(): pass\n"}, {"tests/test_more.py": None}
    ).measure()
    assert verdict.vanished == ("tests/test_more.py::test_more",)


def test_a_weakened_test_fixes_nothing(make: Make) -> None:
    weak = TESTS.replace("double(2) == 4", "double(2)")
    verdict = make(BASE, {"tests/test_code.py": weak, "code_of.py": BUG.replace("/ 2", "/ 2.0")}).measure()
    assert verdict.fixed == ()


def test_changed_tests_that_only_pass_as_changed_are_noted(make: Make) -> None:
    change = {
        "code_of.py": FIX.replace("/ 2", "/ 4"),
        "tests/test_code.py": TESTS.replace("half(4) == 2", "half(4) == 1"),
    }
    verdict = make(BASE, change).measure()
    assert verdict.weakened == ("tests/test_code.py::test_half",)
    assert [(one.kind, one.test) for one in verdict.tampering] == [
        (TamperKind.CHANGED_EXPECTATION, "tests/test_code.py::test_half")
    ]
    assert any("tests/test_code.py::test_half" in note and "as they were" in note for note in verdict.notes)


def test_a_failing_target_ends_the_measurement_early(make: Make) -> None:
    changed = make(BASE, {"code_of.py": BUG.replace("+ 1", "+ 2")})
    verdict = changed.measure(target=("tests/test_code.py::test_double",))
    assert (verdict.scope, verdict.still_failing) == (Scope.TARGET, ("tests/test_code.py::test_double",))
    assert not verdict.fixed and not verdict.passed


def test_a_baseline_is_not_run_again(make: Make) -> None:
    changed = make(BASE, {"code_of.py": FIX})
    workbench = changed.workbench()
    baseline = run_on(workbench, changed.trees.base, PYTEST, seconds=60, test_seconds=10)
    workbench.close()
    claimed = baseline.tests[0].model_copy(update={"id": "tests/test_code.py::test_claimed"})
    told = baseline.model_copy(update={"tests": (*baseline.tests, claimed)})
    verdict = changed.measure(baseline=(told,), target=("tests/test_code.py::test_double",))
    assert verdict.fixed == ("tests/test_code.py::test_double",)
    assert verdict.vanished == ("tests/test_code.py::test_claimed",)


def test_a_test_that_changes_by_itself_is_flaky(make: Make) -> None:
    base = {
        **BASE,
        "tests/test_seed.py": SEEDED,
    }
    verdict = make(base, {"code_of.py": FIX}).measure()
    assert verdict.flaky == ("tests/test_seed.py::test_seed",)
    assert verdict.fixed == ("tests/test_code.py::test_double",)


def test_a_test_that_breaks_only_among_the_others_is_broken_not_flaky(make: Make) -> None:
    base = {
        "state.py": "seen = []\ndef see(): pass\n",
        "test_a.py": "import state\ndef test_a(): state.see()\n",
        "test_b.py": "import state\ndef test_b(): assert not state.seen\n",
    }
    verdict = make(base, {"state.py": "seen = []\ndef see(): seen.append(1)\n"}).measure()
    assert (verdict.broken, verdict.flaky) == (("test_b.py::test_b",), ())


def test_a_file_that_cannot_be_compiled_any_more_is_a_new_diagnostic(make: Make) -> None:
    base = {**BASE, "tool.py": "print(1)\n", "old.py": "def (:\n"}
    verdict = make(base, {"tool.py": "print(1\n", "old.py": "\n\ndef (:\n"}).measure()
    assert [(d.tool, d.location.path) for d in verdict.diagnostics] == [("compile", "tool.py")]
    assert not verdict.harmless


def test_only_new_complaints_of_a_configured_tool_count(make: Make) -> None:
    lint = Check(
        name="lint",
        kind=CheckKind.DIAGNOSTICS,
        argv=("sh", "-c", "! grep -n bad code_of.py | sed 's/^/code_of.py:/; s/# bad/ E123 bad/' | grep ."),
    )
    base = {**BASE, "code_of.py": FIX + "# bad\n"}
    verdict = make(base, {"code_of.py": "# first\n" + FIX + "# bad\n# bad again\n"}).measure(PYTEST, lint)
    assert [(d.code, d.location.line, d.message) for d in verdict.diagnostics] == [("E123", 8, "bad again")]


def test_an_opaque_command_has_one_result_and_says_so(make: Make) -> None:
    verdict = make(BASE, {"code_of.py": FIX}).measure(shell("grep -q 'x + x$' code_of.py", "grep"))
    assert verdict.fixed == ("<grep>",)
    assert any("opaque" in note for note in verdict.notes)


def test_a_command_that_runs_pytest_reports_per_test(make: Make) -> None:
    verdict = make({**BASE, "Makefile": "test:\n\tpython -m pytest -q\n"}, {"code_of.py": FIX}).measure(
        shell("make test", "make")
    )
    assert verdict.fixed == ("tests/test_code.py::test_double",)
    assert verdict.passed == 2


def test_a_changed_conftest_is_split_off_and_does_not_decide(make: Make) -> None:
    verdict = make(BASE, {"conftest.py": SKIP_ALL}).measure()
    assert verdict.test_control == ("conftest.py",)
    assert verdict.still_failing == ("tests/test_code.py::test_double",)
    assert verdict.passed == 1


def test_a_change_that_needs_its_own_conftest_is_measured_with_it_and_says_so(make: Make) -> None:
    change = {
        "conftest.py": "import pytest\n\n@pytest.fixture\ndef four(): return 4\n",
        "tests/test_code.py": TESTS.replace(
            "def test_half(): assert half(4)", "def test_half(four): assert half(four)"
        ),
        "code_of.py": FIX,
    }
    verdict = make(BASE, change).measure()
    assert verdict.harmless
    assert verdict.test_control == ("conftest.py",)
    assert any("own settings" in note for note in verdict.notes)


def test_a_hanging_test_that_is_fixed_is_fixed(make: Make) -> None:
    base = {
        "loop.py": "def loop():\n    while True: pass\n",
        "test_a.py": "from loop import loop\ndef test_a(): loop()\ndef test_b(): pass\n",
    }
    changed = make(base, {"loop.py": "def loop():\n    pass\n"})
    verdict = changed.measure(test_seconds=1)
    assert (verdict.fixed, verdict.passed) == (("test_a.py::test_a",), 1)


def test_the_limit_of_the_whole_run_leaves_tests_not_run(make: Make) -> None:
    slow = "import time, pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_slow(n): time.sleep(3)\n"
    verdict = make({"test_slow.py": slow, "a.py": ""}, {"a.py": "x = 1\n"}).measure(seconds=8)
    assert len(verdict.not_run) >= 6
    assert not verdict.harmless


def test_a_cancelled_measurement_stops(make: Make) -> None:
    base = {"test_a.py": "import time\ndef test_a(): time.sleep(1000)\n", "a.py": ""}
    changed = make(base, {"a.py": "x = 1\n"})
    cancel = threading.Event()
    timer = threading.Timer(2, cancel.set)
    timer.start()
    with closing(changed.workbench()) as workbench, pytest.raises(Interrupted):
        measure(workbench, changed.trees, (PYTEST,), deadline=time.monotonic() + 300, cancel=cancel)
    timer.join()
