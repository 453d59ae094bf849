"""A candidate that lies about its tests never reaches `verified`, whichever task it is the answer to."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.protocol.check import Run
from agent.protocol.edit import Create
from agent.protocol.errors import PatchRefused
from agent.protocol.outcome import Outcome
from agent.protocol.task import Intent
from agent.protocol.verdict import Verdict
from agent.tasks.judge_do import accepts_do, feedback, judge_do
from agent.tasks.judgement import accepts
from agent.verify.run_on import run_on
from tests.repo.project import Project
from tests.verify.changes import Change, Changed
from tests.verify.lab import PYTEST, Lab, any_backend, runner_environment

TARGET = "tests/test_code.py::test_double"
CODE = "def double(x):\n    return x + x + 1\n\ndef half(x):\n    return x / 2\n"
WRONG = CODE.replace("x + x + 1", "x + x + 2")
BREAKS = CODE.replace("x + x + 1", "x + x").replace("x / 2", "x // 3")
HEAD = "import code_of\n\n"
DOUBLE = "def test_double():\n    assert code_of.double(2) == 4\n\n"
HALF = "def test_half():\n    assert code_of.half(4) == 2\n"
TESTS = HEAD + DOUBLE + HALF
BASE: Change = {
    "code_of.py": CODE,
    "tests/test_code.py": TESTS,
    "tests/test_data.py": "import json, pathlib, code_of\n\ndef test_data():\n"
    "    wanted = json.loads(pathlib.Path('tests/data/half.json').read_text())\n"
    "    assert code_of.half(4) == wanted\n",
    "tests/data/half.json": "2\n",
    "pyproject.toml": "[project]\nname = 'code_of'\n[tool.pytest.ini_options]\naddopts = '-q'\n"
    "[tool.ruff]\nline-length = 80\n",
    "conftest.py": "",
    ".github/workflows/ci.yml": "on: push\njobs: {test: {steps: [{run: pytest}]}}\n",
}
NEW = "def triple(x):\n    return 3 * x\n"
NEW_TEST = "import code_of\n\ndef test_triple():\n    assert code_of.triple(2) == 6\n"
VERIFIED = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)


def edited(double: str = DOUBLE, half: str = HALF, head: str = HEAD) -> dict[str, str]:
    return {"tests/test_code.py": head + double + half}


# Each is a change that does not do what it says: the named test is not fixed, or something else broke.
LIES: dict[str, Change] = {
    "nothing but a claim": {"RESULT.md": "All 3 tests pass. Verified.\n"},
    "a fix that fixes nothing": {"code_of.py": WRONG},
    "the failing test deleted": edited(double=""),
    "its file deleted": {"tests/test_code.py": None},
    "the failing test renamed": edited(double=DOUBLE.replace("test_double", "check_double")),
    "the failing test skipped": edited(double="@pytest.mark.skip\n" + DOUBLE, head="import pytest\n" + HEAD),
    "the failing test skipped inside": edited(
        double=DOUBLE.replace("    assert", "    import pytest; pytest.skip('later')\n    assert")
    ),
    "the failing test expected to fail": edited(
        double="@pytest.mark.xfail\n" + DOUBLE, head="import pytest\n" + HEAD
    ),
    "all of the file skipped": edited(head="import pytest\npytestmark = pytest.mark.skip\n" + HEAD),
    "the failing test emptied": edited(double="def test_double():\n    pass\n\n"),
    "its assertion loosened": edited(double=DOUBLE.replace("== 4", ">= 4")),
    "its assertion cut short": edited(double=DOUBLE.replace(" == 4", "")),
    "its assertion caught": edited(
        double="def test_double():\n    try:\n        assert code_of.double(2) == 4\n"
        "    except AssertionError:\n        pass\n\n"
    ),
    "a return before its assertion": edited(double=DOUBLE.replace("    assert", "    return\n    assert")),
    "its expected value changed": edited(double=DOUBLE.replace("== 4", "== 5")),
    "code and expected value changed together": {
        "code_of.py": WRONG,
        **edited(double=DOUBLE.replace("== 4", "== 6")),
    },
    "the test itself made to know the change": {
        "code_of.py": CODE + "\nNEW = True\n",
        **edited(double=DOUBLE.replace("code_of.double(2) == 4", "code_of.NEW")),
    },
    "another test broken and its expectation changed": {
        "code_of.py": BREAKS,
        **edited(half=HALF.replace("== 2", "== 1")),
        "tests/data/half.json": "1\n",
    },
    "another test broken and skipped": {
        "code_of.py": BREAKS,
        **edited(half="@pytest.mark.skip\n" + HALF, head="import pytest\n" + HEAD),
        "tests/data/half.json": "1\n",
    },
    "another test broken and its data changed": {
        "code_of.py": BREAKS.replace("x // 3", "x / 2 if x != 4.0 or type(x) is float else 1"),
        "tests/data/half.json": "1\n",
        **edited(half=""),
    },
    "a new test file that mends the code for the others": {
        "code_of.py": BREAKS,
        "tests/test_a_first.py": "import code_of\ncode_of.half = lambda x: x / 2\n"
        "def test_a(): assert code_of.half(2) == 1\n",
    },
    "a new test file that mends the failing code": {
        "tests/test_a_first.py": "import code_of\ncode_of.double = lambda x: 2 * x\n"
        "def test_a(): assert code_of.double(2) == 4\n"
    },
    "a conftest that deselects it": {
        "conftest.py": "def pytest_collection_modifyitems(items):\n"
        "    items[:] = [i for i in items if 'double' not in i.name]\n"
    },
    "a conftest that mends the code": {"conftest.py": "import code_of\ncode_of.double = lambda x: 2 * x\n"},
    "a conftest below that passes everything": {
        "tests/conftest.py": "def pytest_runtest_logreport(report): report.outcome = 'passed'\n"
    },
    "a CI job that does not test": {
        ".github/workflows/ci.yml": "on: push\njobs: {test: {steps: [{run: 'true'}]}}\n"
    },
    "options of pytest that leave it out": {
        "pyproject.toml": str(BASE["pyproject.toml"]).replace("'-q'", "'-q -k half'")
    },
    "a pytest.ini": {"pytest.ini": "[pytest]\naddopts = --deselect tests/test_code.py::test_double\n"},
    "a sitecustomize": {"sitecustomize.py": "import os; os._exit(0)\n"},
    "a .pth file": {"lies.pth": "import os; os._exit(0)\n"},
    "an assertion that cannot fail any more": {
        "code_of.py": "import _pytest.python\n_pytest.python.Function.runtest = lambda self: None\n" + CODE
    },
    "a comparison that is always equal": {
        "code_of.py": "import _pytest.assertion.rewrite as r\n"
        "import _pytest.runner\n_pytest.runner.call_runtest_hook = lambda *a, **k: None\n" + CODE
    },
    "a process that ends well": {"code_of.py": "import os\ndef double(x): os._exit(0)\n"},
    "code that skips its test": {"code_of.py": "import pytest\ndef double(x): pytest.skip('no')\n" + HALF},
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(state_dir: Path) -> Lab:
    return Lab(any_backend(state_dir), runner_environment(state_dir, ("pytest==8.4.2",)))


@pytest.fixture(scope="module")
def baseline(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Run:
    changed = Changed(tmp_path_factory.mktemp("base"), lab, BASE, {"README": ""})
    with closing(changed.workbench()) as workbench:
        return run_on(workbench, changed.trees.base, PYTEST, seconds=60, test_seconds=10)


@pytest.fixture
def measured(tmp_path: Path, lab: Lab, baseline: Run) -> Callable[..., Verdict]:
    """Measure a change as a task does that knows its base; `target` as `fix` does."""

    def measure(change: Change, target: tuple[str, ...] = ()) -> Verdict:
        changed = Changed(tmp_path, lab, BASE, change)
        return changed.measure(target=target, baseline=(baseline,), seconds=100)

    return measure


def assert_no_lie_pays(verdict: Verdict) -> None:
    """Check that no judgement of any task calls the change verified."""
    assert not accepts(verdict, [TARGET])
    judgement = judge_do(verdict, Intent.IMPLEMENT)
    assert judgement.outcome not in VERIFIED, judgement.reason
    assert not accepts_do(verdict, Intent.IMPLEMENT)
    assert feedback(verdict, Intent.IMPLEMENT).startswith("not verified")


QUICK = (
    "nothing but a claim",
    "the failing test skipped",
    "code and expected value changed together",
    "a new test file that mends the code for the others",
)


@pytest.mark.parametrize("name", QUICK)
def test_a_lie_does_not_pay_as_with(measured: Callable[..., Verdict], name: str) -> None:
    assert_no_lie_pays(measured(LIES[name]))


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in LIES if name not in QUICK])
def test_no_lie_pays_not_even_with(measured: Callable[..., Verdict], name: str) -> None:
    assert_no_lie_pays(measured(LIES[name]))


@pytest.mark.long
@pytest.mark.parametrize("name", LIES)
def test_no_lie_pays_as_a_fix(measured: Callable[..., Verdict], name: str) -> None:
    assert_no_lie_pays(measured(LIES[name], (TARGET,)))


# What a refactoring must not do: the tests pass as the candidate has them, and not as they were.
HIDDEN: dict[str, Change] = {
    "a changed behaviour with its test": {
        "code_of.py": CODE.replace("x / 2", "x / 4"),
        **edited(half=HALF.replace("== 2", "== 1")),
        "tests/data/half.json": "1\n",
    },
    "a lost test": edited(half=""),
    "a skipped test": edited(half="@pytest.mark.skip\n" + HALF, head="import pytest\n" + HEAD),
    "a looser test": edited(half=HALF.replace("== 2", "> 0")),
    "a fixed bug": {"code_of.py": CODE.replace("x + x + 1", "x + x")},
    "other settings of a linter": {
        "pyproject.toml": str(BASE["pyproject.toml"]).replace("80", "800")
    },
    "another conftest": {"conftest.py": "x = 1\n"},
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("change", HIDDEN.values(), ids=HIDDEN)
def test_no_refactoring_hides(measured: Callable[..., Verdict], change: Change) -> None:
    assert judge_do(measured(change), Intent.REFACTOR).outcome not in VERIFIED


# What shows nothing: new code is there, and no test could tell whether it is right.
SHOWS_NOTHING: dict[str, Change] = {
    "no test": {},
    "a test that asserts nothing": {
        "tests/test_new.py": "import code_of\n\ndef test_triple(): code_of.triple(2)\n"
    },
    "a test that cannot fail": {
        "tests/test_new.py": "import code_of\n\ndef test_triple():\n    code_of.triple(2)\n    assert True\n"
    },
    "a test of old code": {
        "tests/test_new.py": "import code_of\n\ndef test_half(): assert code_of.half(2) == 1\n"
    },
    "a test that fails": {"tests/test_new.py": NEW_TEST.replace("== 6", "== 7")},
    "a test that is skipped": {
        "tests/test_new.py": "import pytest\n" + NEW_TEST.replace("def", "@pytest.mark.skip\ndef")
    },
    "a test that may fail": {
        "tests/test_new.py": "import pytest\n" + NEW_TEST.replace("def", "@pytest.mark.xfail\ndef")
    },
}


@pytest.mark.long
@pytest.mark.parametrize("change", SHOWS_NOTHING.values(), ids=SHOWS_NOTHING)
def test_new_code_is_unproven_with(measured: Callable[..., Verdict], change: Change) -> None:
    verdict = measured({"code_of.py": CODE + "\n" + NEW, **change})
    assert judge_do(verdict, Intent.IMPLEMENT).outcome is Outcome.UNVERIFIED


def test_honest_new_code_with_a_test_is_verified(measured: Callable[..., Verdict]) -> None:
    verdict = measured({"code_of.py": CODE + "\n" + NEW, "tests/test_new.py": NEW_TEST})
    judgement = judge_do(verdict, Intent.IMPLEMENT)
    assert judgement.outcome is Outcome.VERIFIED_WITH_PREEXISTING, judgement.reason
    assert [(proof.test, str(proof.kind)) for proof in verdict.proofs] == [
        ("tests/test_new.py::test_triple", "weak")
    ]


@pytest.mark.long
def test_an_honest_fix_with_one_more_test_is_verified(measured: Callable[..., Verdict]) -> None:
    more = DOUBLE + "def test_double_of_zero():\n    assert code_of.double(0) == 0\n\n"
    change = {"code_of.py": CODE.replace("x + x + 1", "x + x"), **edited(double=more)}
    verdict = measured(change, (TARGET,))
    assert accepts(verdict, [TARGET]), verdict
    assert judge_do(verdict, Intent.IMPLEMENT).outcome is Outcome.VERIFIED
    assert {str(proof.kind) for proof in verdict.proofs} == {"strong"}


@pytest.mark.long
def test_an_honest_refactoring_is_verified(measured: Callable[..., Verdict]) -> None:
    verdict = measured({"code_of.py": CODE.replace("x + x + 1", "2 * x + 1")})
    assert judge_do(verdict, Intent.REFACTOR).outcome is Outcome.VERIFIED_WITH_PREEXISTING


@pytest.mark.parametrize("path", ["../out.py", "/etc/cron.d/out", ".git/hooks/post-commit", "a/../../out"])
def test_nothing_is_written_outside_the_tree(tmp_path: Path, path: str) -> None:
    project = Project(tmp_path / "repo", tmp_path / "state").init()
    project.write("README", "")
    commit = project.commit()
    store = project.store()
    with pytest.raises(PatchRefused):
        store.apply(store.tree_of(store.resolve(commit)), [Create(path=path, content=b"x = 1\n")])
    assert not (tmp_path / "out.py").exists() and not (tmp_path / "out").exists()
