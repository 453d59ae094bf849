"""Suspects are lines of the project's own code, with contrast from the passing tests that matter."""

from collections.abc import Mapping

from agent.planners.search.localization import localize, passing_tests
from agent.planners.search.sources import Sources
from tests.planners.bench import Bench

PROJECT: Mapping[str, str | bytes] = {
    "src/pkg/__init__.py": "",
    "src/pkg/one.py": (
        "from pkg.two import helper\n\nFACTOR = 3\n\n\ndef one(x):\n    return helper(x) * FACTOR\n"
    ),
    "src/pkg/two.py": (
        "from . import three\n\n\ndef helper(x):\n    if x:\n        return x + 1\n    return three.VALUE\n"
    ),
    "src/pkg/three.py": "VALUE = 0\n",
    "src/pkg/other.py": "def other():\n    return 1\n",
    "tests/test_one.py": (
        "from pkg.one import one\n\ndef test_zero(): assert one(0) == 0\n\n"
        "def test_two(): assert one(2) == 6\n"
    ),
    "tests/test_two.py": "from pkg.two import helper\n\ndef test_helper(): assert helper(0) == 0\n",
    "tests/test_other.py": "import pkg.other\n\ndef test_other(): assert pkg.other.other() == 1\n",
    "conftest.py": "import sys\nsys.path.insert(0, 'src')\n",
}


def test_imports_are_followed_over_roots_and_relative_names(bench: Bench) -> None:
    with bench.problem(PROJECT) as problem:
        sources = Sources(problem.store, problem.tree)
        assert sources.imports("tests/test_one.py") == ("src/pkg/one.py",)
        assert sources.imports("src/pkg/one.py") == ("src/pkg/two.py",)
        assert sources.imports("src/pkg/two.py") == ("src/pkg/three.py",)
        assert sources.imports("tests/test_other.py") == ("src/pkg/other.py",)
        assert sources.load("src/pkg/gone.py") is None


def test_contrast_comes_from_the_same_file_first(bench: Bench) -> None:
    with bench.problem(PROJECT) as problem:
        assert [test.id for test in problem.failing] == ["tests/test_one.py::test_two"]
        chosen = passing_tests(problem, Sources(problem.store, problem.tree))
        assert chosen[0] == "tests/test_one.py::test_zero"
        assert set(chosen) == {
            "tests/test_one.py::test_zero",
            "tests/test_two.py::test_helper",
            "tests/test_other.py::test_other",
        }


def test_the_branch_that_only_the_failing_test_takes_comes_first(bench: Bench) -> None:
    with bench.problem(PROJECT) as problem:
        suspects = localize(problem, Sources(problem.store, problem.tree))
        assert (suspects[0].path, suspects[0].line, suspects[0].symbol) == ("src/pkg/two.py", 6, "helper")
        assert suspects[0].score == 1.0
        assert "src/pkg/other.py" not in {one.path for one in suspects}
        constant = next(one for one in suspects if (one.path, one.line) == ("src/pkg/one.py", 3))
        assert constant.reason == "used by one"


def test_tests_that_run_the_code_elsewhere_point_to_what_they_import(bench: Bench) -> None:
    files = {
        "tool.py": "def answer():\n    return 41\n\n\ndef unrelated():\n    return 1\n\n\n"
        "if __name__ == '__main__':\n    print(answer())\n",
        "test_tool.py": "import subprocess, sys\nimport tool\n\ndef test_answer():\n"
        "    done = subprocess.run([sys.executable, 'tool.py'], capture_output=True, text=True)\n"
        "    assert done.stdout == '42\\n', 'answer'\n",
    }
    with bench.problem(files) as problem:
        suspects = localize(problem, Sources(problem.store, problem.tree))
        assert suspects[0].symbol == "answer"
        assert {one.path for one in suspects} == {"tool.py"}
