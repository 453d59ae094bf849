"""The tests near a change are chosen by the index of its tree, and by imports where there is none."""

from pathlib import Path

import pytest

from agent.index.code_index import FILE
from agent.repo.store import Store
from agent.verify.impacted import impacted_tests
from agent.verify.import_reach import reached_by_imports
from tests.repo.project import Project

FILES = {
    "src/pkg/__init__.py": "",
    "src/pkg/low.py": "def low():\n    return 1\n",
    "src/pkg/high.py": "from pkg import low\n\ndef high():\n    return low.low()\n",
    "src/pkg/other.py": "def other():\n    return 2\n",
    "tests/test_low.py": "",
    "tests/test_direct.py": "from pkg.low import low\n\ndef test_direct():\n    assert low()\n",
    "tests/test_indirect.py": "from pkg import high\n\ndef test_indirect():\n    assert high.high()\n",
    "tests/test_other.py": "from pkg.other import other\n\ndef test_other():\n    assert other()\n",
    "tests/sub/conftest.py": "import pkg.high\n",
    "tests/sub/test_below.py": "def test_below():\n    pass\n",
}
NEAR = ("tests/test_low.py", "tests/test_direct.py", "tests/test_indirect.py", "tests/sub/test_below.py")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    project = Project(tmp_path / "repo", tmp_path / "state").init()
    for path, text in FILES.items():
        project.write(path, text)
    project.commit()
    return project.store()


def edited(store: Store) -> str:
    base = store.tree_of(store.resolve("HEAD"))
    return store.write(base, {"src/pkg/low.py": b"def low():\n    return 2\n"})


def test_a_tree_that_is_of_no_commit_is_indexed(store: Store) -> None:
    assert impacted_tests(store, edited(store), ["src/pkg/low.py"]) == NEAR
    assert (store.objects.home / FILE).exists()


def test_a_changed_test_comes_first(store: Store) -> None:
    found = impacted_tests(store, edited(store), ["src/pkg/low.py", "tests/test_other.py"])
    assert found == ("tests/test_other.py", *NEAR)


def test_a_file_that_is_gone_reaches_what_is_named_after_it(store: Store) -> None:
    base = store.tree_of(store.resolve("HEAD"))
    tree = store.write(base, {"src/pkg/other.py": None})
    assert impacted_tests(store, tree, ["src/pkg/other.py"]) == ("tests/test_other.py",)


def test_without_an_index_imports_decide(store: Store) -> None:
    tree = edited(store)
    (store.objects.home / FILE).mkdir()
    assert impacted_tests(store, tree, ["src/pkg/low.py"]) == NEAR
    assert reached_by_imports(store, tree, ["src/pkg/low.py"]) == NEAR
