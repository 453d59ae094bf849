"""Trees are composed by path class; settings that decide how tests run are split off."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.repo.store import Store
from agent.verify.impacted import impacted_tests
from agent.verify.trees import Trees, compose
from tests.repo.project import Project

Change = dict[str, str | None]
BASE: Change = {
    "src/code.py": "old",
    "tests/test_code.py": "old",
    "tests/data.json": "old",
    "conftest.py": "old",
    "requirements.txt": "old",
}


@pytest.fixture
def composed(tmp_path: Path) -> Callable[[Change], tuple[Store, Trees]]:
    def make(change: Change, base: Change = BASE) -> tuple[Store, Trees]:
        project = Project(tmp_path / "repo", tmp_path / "state").init()
        commits = []
        for files in (base, change):
            for path, content in files.items():
                project.write(path, content) if content is not None else (project.root / path).unlink()
            commits.append(project.commit())
        store = project.store()
        first, second = (store.tree_of(store.resolve(commit)) for commit in commits)
        return store, compose(store, first, second)

    return make


def contents(store: Store, tree: str | None) -> dict[str, str]:
    assert tree is not None
    return {path: store.read(tree, path).decode() for path in store.list(tree)}


def test_each_class_comes_from_its_side(composed: Callable[[Change], tuple[Store, Trees]]) -> None:
    store, trees = composed(dict.fromkeys(BASE, "new") | {"tests/test_more.py": "new"})
    new = dict.fromkeys(BASE, "new") | {"tests/test_more.py": "new"}
    tests = {"tests/test_code.py": "new", "tests/data.json": "new", "tests/test_more.py": "new"}
    assert contents(store, trees.candidate) == new
    assert contents(store, trees.red) == {**dict.fromkeys(BASE, "old"), **tests}
    assert contents(store, trees.red_as_is) == {**dict.fromkeys(BASE, "old"), **tests, "conftest.py": "new"}
    assert contents(store, trees.gated) == {**new, "conftest.py": "old"}
    old_tests = {**new, "conftest.py": "old", "tests/test_code.py": "old", "tests/data.json": "old"}
    del old_tests["tests/test_more.py"]
    assert contents(store, trees.base_tests_on_candidate) == old_tests
    assert trees.test_control == ("conftest.py",)


def test_without_changed_tests_red_is_the_base(composed: Callable[[Change], tuple[Store, Trees]]) -> None:
    _, trees = composed({"src/code.py": "new"})
    assert (trees.red, trees.gated) == (trees.base, trees.candidate)
    assert (trees.base_tests_on_candidate, trees.test_control) == (None, ())


def test_a_removed_test_is_missing_on_red_and_there_with_the_tests_of_the_base(
    composed: Callable[[Change], tuple[Store, Trees]],
) -> None:
    store, trees = composed({"tests/test_code.py": None, "conftest.py": None})
    assert "tests/test_code.py" not in contents(store, trees.red)
    assert contents(store, trees.base_tests_on_candidate)["tests/test_code.py"] == "old"
    assert contents(store, trees.gated)["conftest.py"] == "old"


PROJECT = '[project]\nname = "p"\nversion = "{version}"\n[tool.ruff]\nline-length = {length}\n{more}'


@pytest.mark.parametrize(
    ("path", "before", "after", "control"),
    [
        ("pyproject.toml", PROJECT, PROJECT.replace("{version}", "2").replace("{length}", "9"), False),
        ("pyproject.toml", PROJECT, PROJECT + "[tool.pytest.ini_options]\naddopts = '-x'\n", True),
        ("pyproject.toml", PROJECT, PROJECT + "[project.entry-points.pytest11]\nx = 'y'\n", True),
        ("pyproject.toml", PROJECT, PROJECT + "[tool.unheard-of]\nx = 1\n", True),
        ("pyproject.toml", PROJECT, "not = [toml", True),
        ("setup.cfg", "[metadata]\nversion = 1\n", "[metadata]\nversion = 2\n[flake8]\nx = 1\n", False),
        ("setup.cfg", "[metadata]\nversion = 1\n", "[tool:pytest]\naddopts = -x\n", True),
        ("tox.ini", "[tox]\n", "[tox]\nx = 1\n", True),
    ],
)
def test_a_file_of_mixed_use_counts_only_for_the_parts_that_matter(
    composed: Callable[..., tuple[Store, Trees]], path: str, before: str, after: str, control: bool
) -> None:
    def filled(text: str) -> str:
        return text.replace("{version}", "1").replace("{length}", "8").replace("{more}", "")

    _, trees = composed({path: filled(after)}, {path: filled(before)})
    assert trees.test_control == ((path,) if control else ())


def test_the_tests_that_a_change_may_reach_come_nearest_first(
    composed: Callable[..., tuple[Store, Trees]],
) -> None:
    base = {
        "src/pkg/__init__.py": "",
        "src/pkg/low.py": "x = 1\n",
        "src/pkg/high.py": "from . import low\n",
        "src/pkg/other.py": "",
        "tests/test_low.py": "",
        "tests/test_direct.py": "from pkg.low import x\n",
        "tests/test_indirect.py": "import pkg.high\n",
        "tests/test_other.py": "import pkg.other\n",
        "tests/test_broken.py": "def (:\n",
        "tests/sub/conftest.py": "import pkg.high\n",
        "tests/sub/test_below.py": "",
    }
    store, trees = composed({"src/pkg/low.py": "x = 2\n"}, base)
    assert impacted_tests(store, trees.candidate, trees.changed) == (
        "tests/test_low.py",
        "tests/test_direct.py",
        "tests/test_indirect.py",
        "tests/sub/test_below.py",
    )
