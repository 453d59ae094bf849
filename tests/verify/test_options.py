"""Options that decide which tests run are neutralized and named; everything else stays."""

from collections.abc import Callable

import pytest

from agent.protocol.check import RunEnd, TestStatus
from tests.verify.lab import Lab, statuses

P, F = TestStatus.PASSED, TestStatus.FAILED
THREE = "def test_a(): pass\ndef test_b(): assert 0\ndef test_c(): assert 0\n"
ALL = {"test_it.py::test_a": P, "test_it.py::test_b": F, "test_it.py::test_c": F}


def with_options(options: str, text: str = THREE) -> dict[str, str]:
    return {"pytest.ini": f"[pytest]\naddopts = {options}\n", "test_it.py": text}


@pytest.fixture(scope="module")
def plugged(make_lab: Callable[..., Lab]) -> Lab:
    """A lab with the plugins that change how often, where and in which order tests run."""
    return make_lab(
        "pytest==8.4.2",
        "pytest-cov==7.0.0",
        "pytest-randomly==4.0.1",
        "pytest-random-order==1.2.0",
        "pytest-rerunfailures==16.1",
        "pytest-timeout==2.4.0",
        "pytest-xdist==3.8.0",
    )


@pytest.mark.parametrize("pytest_version", ["pytest==6.2.5", "pytest==8.4.2"])
def test_options_of_pytest_itself_are_neutralized(make_lab: Callable[..., Lab], pytest_version: str) -> None:
    lab = make_lab(pytest_version, pythons=("3.10",) if "6.2" in pytest_version else ())
    run = lab.run(with_options("-x --ff --nf --stepwise --collect-only --pdb --setup-plan --color=yes"))
    assert (statuses(run), run.end) == (ALL, RunEnd.COMPLETE)
    assert run.overridden == (
        "--collect-only",
        "--failed-first",
        "--maxfail=1",
        "--new-first",
        "--pdb",
        "--setup-plan",
        "--stepwise",
    )
    assert "\x1b[" not in run.output_tail


def test_a_cache_of_failures_does_not_select(lab: Lab) -> None:
    cache = '{"test_it.py::test_b": true}'
    files = {**with_options("--lf"), ".pytest_cache/v/cache/lastfailed": cache}
    run = lab.run(files)
    assert (statuses(run), run.overridden) == (ALL, ("--last-failed",))


def test_options_of_plugins_are_neutralized(plugged: Lab) -> None:
    options = "-n 2 --dist loadfile --cov=. --cov-fail-under=100 --reruns 2 --random-order --maxfail=1"
    run = plugged.run(with_options(options))
    assert (list(statuses(run).items()), run.end) == (list(ALL.items()), RunEnd.COMPLETE)
    shown = " ".join(run.overridden)
    for option in ("-n", "--dist", "--cov", "--cov-fail-under", "--reruns", "random_order", "--maxfail"):
        assert f"{option}" in shown
    assert "coverage" not in run.output_tail


def test_a_test_that_passes_on_its_second_try_failed(plugged: Lab) -> None:
    text = (
        "import pathlib, pytest\n@pytest.mark.flaky(reruns=3)\ndef test_second_try():\n"
        "    seen = pathlib.Path('/tmp/seen')\n    again = seen.exists()\n    seen.touch()\n"
        "    assert again\n"
    )
    run = plugged.run({"test_it.py": text})
    assert statuses(run) == {"test_it.py::test_second_try": F}
    assert run.end is RunEnd.COMPLETE


def test_the_order_is_that_of_the_files(plugged: Lab) -> None:
    text = "import pytest\n@pytest.mark.parametrize('n', range(30))\ndef test_n(n): pass\n"
    run = plugged.run({"test_it.py": text})
    assert [test.id for test in run.tests] == [f"test_it.py::test_n[{n}]" for n in range(30)]


def test_the_repositorys_own_time_limit_stays(plugged: Lab) -> None:
    text = (
        "import pytest, time\n@pytest.mark.timeout(1)\ndef test_short(): time.sleep(15)\n"
        "@pytest.mark.timeout(30)\ndef test_long(): time.sleep(15)\ndef test_b(): pass\n"
    )
    run = plugged.run({"test_it.py": text}, test_seconds=3)
    assert [test.status for test in run.tests] == [F, TestStatus.TIMEOUT, P]
    assert "Timeout" in run.tests[0].message


def test_semantic_options_and_plugins_of_the_repository_stay(lab: Lab) -> None:
    files = {
        "pytest.ini": "[pytest]\naddopts = -m 'not slow' -k 'not skipme' --strict-markers -p tests.plug\n"
        "markers = slow: slow\nfilterwarnings = error\ntestpaths = tests\n",
        "tests/__init__.py": "",
        "tests/plug.py": "import pytest\n@pytest.fixture\ndef plugged(): return 7\n",
        "tests/test_it.py": "import pytest, warnings\n@pytest.mark.slow\ndef test_slow(): pass\n"
        "def test_skipme(): pass\ndef test_plugged(plugged): assert plugged == 7\n"
        "def test_warns(): warnings.warn('x')\n",
        "elsewhere/test_other.py": "def test_other(): pass\n",
    }
    run = lab.run(files)
    assert statuses(run) == {"tests/test_it.py::test_plugged": P, "tests/test_it.py::test_warns": F}
    assert run.overridden == ()


def test_the_root_of_the_ids_is_that_of_a_full_run_whatever_is_selected(lab: Lab) -> None:
    files = {
        "part/pytest.ini": "[pytest]\n",
        "part/tests/test_it.py": THREE,
        "pyproject.toml": "[tool.pytest.ini_options]\nminversion = '6'\n",
    }
    everything = statuses(lab.run(files))
    assert set(everything) == {f"part/tests/test_it.py::test_{letter}" for letter in "abc"}
    assert statuses(lab.run(files, select=tuple(everything))) == everything
    assert statuses(lab.run(files, select=("part/tests/test_it.py",))) == everything


def test_nested_runs_do_not_report(lab: Lab) -> None:
    text = (
        "import subprocess, sys\npytest_plugins = ['pytester']\n"
        "def test_inner(pytester):\n    pytester.makepyfile('def test_x(): assert 0')\n"
        "    assert pytester.runpytest_inprocess().ret == 1\n"
        "    assert pytester.runpytest_subprocess().ret == 1\n"
    )
    run = lab.run({"test_it.py": text})
    assert (statuses(run), run.end) == ({"test_it.py::test_inner": P}, RunEnd.COMPLETE)


def test_a_plugin_of_ours_is_loaded_by_its_path(lab: Lab) -> None:
    files = {
        "ours/extra_plugin.py": "import pytest\n@pytest.fixture\ndef extra(): return 1\n",
        "test_it.py": "def test_a(extra): assert extra\n",
    }
    run = lab.run(files, plugins=("/workspace/ours/extra_plugin.py",))
    assert statuses(run) == {"test_it.py::test_a": P}
