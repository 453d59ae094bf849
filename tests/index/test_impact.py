"""Tests that can reach a change."""

import pytest

from agent.index.impact import Impact, impacted_tests
from tests.index.conftest import Project

FILES = {
    "lib/__init__.py": "",
    "lib/low.py": "def low():\n    return 1\n\n\ndef unused():\n    return 2\n",
    "lib/high.py": "from lib.low import low\n\n\ndef high():\n    return low()\n",
    "lib/other.py": "def other():\n    return 3\n",
    "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef made():\n    return 1\n",
    "tests/test_high.py": "from lib.high import high\n\n\ndef test_high():\n    assert high()\n\n\n"
    "def test_nothing():\n    pass\n",
    "tests/test_low.py": "from lib import low\n\n\ndef test_low():\n    assert low.low()\n",
    "tests/test_other.py": "def test_other():\n    pass\n",
}


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    folder = tmp_path_factory.mktemp("impact")
    (folder / "project").mkdir()
    made = Project(folder / "project", folder / "state")
    made.git("init", "-q", "-b", "main")
    made.commit(FILES)
    yield made.view()
    made.close()


def paths(found):
    return [one.path for one in found]


def test_a_symbol_reaches_the_tests_that_call_it_nearest_first(view):
    found = [one for one in impacted_tests(view, ["low"]) if one.symbol]
    assert [(one.path, one.symbol, one.distance) for one in found] == [
        ("tests/test_low.py", "test_low", 1),
        ("tests/test_high.py", "test_high", 2),
    ]
    assert all(0 < one.confidence <= 1 for one in found)


def test_a_test_that_calls_nothing_of_it_is_not_named(view):
    assert "test_nothing" not in [one.symbol for one in impacted_tests(view, ["low"])]


def test_a_path_reaches_the_test_files_that_depend_on_it(view):
    assert paths(impacted_tests(view, ["lib/low.py"])) == ["tests/test_low.py", "tests/test_high.py"]


def test_a_test_file_named_after_a_path_is_reached_without_an_import(view):
    assert paths(impacted_tests(view, ["lib/other.py"])) == ["tests/test_other.py"]


def test_a_changed_test_file_reaches_itself(view):
    assert Impact("tests/test_high.py", "", 0, 1.0) in impacted_tests(view, ["tests/test_high.py"])


def test_a_conftest_reaches_everything_below_its_folder(view):
    found = paths(impacted_tests(view, ["tests/conftest.py"]))
    assert found == ["tests/test_high.py", "tests/test_low.py", "tests/test_other.py"]


def test_what_is_neither_path_nor_symbol_reaches_nothing(view):
    assert impacted_tests(view, ["no/such.py", "nothing_of_that_name"]) == []


def test_a_name_can_be_that_of_one_file_only(view):
    assert impacted_tests(view, ["lib/low.py::low"]) == impacted_tests(view, ["low"])
    assert impacted_tests(view, ["lib/high.py::low"]) == []
