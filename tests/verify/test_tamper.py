"""What a change does to existing tests is found on their text, with its place and kind."""

from collections.abc import Callable

import pytest

from agent.protocol.verdict import Tamper, TamperKind
from agent.repo.store import Store
from agent.verify.tamper import tampering
from agent.verify.trees import compose
from tests.repo.project import Project

Change = dict[str, str | None]
Found = Callable[..., tuple[Tamper, ...]]
K = TamperKind

TEST = """
import pytest
from pytest import approx
from code_of import double, half

EXPECTED = 4

@pytest.mark.parametrize("x", [1, 2, 3])
def test_double(x):
    assert double(x) == 2 * x
    assert double(2) == 4

def test_half():
    assert half(1) == approx(0.5, abs=0.01)

@pytest.mark.timeout(5)
def test_table():
    for x in range(3):
        assert double(x) == EXPECTED or x

class TestHalf:
    def test_of_zero(self):
        value = half(0)
        assert value == 0
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    """Return a store with an empty tree in it."""
    folder = tmp_path_factory.mktemp("tamper")
    project = Project(folder / "repo", folder / "state").init()
    project.write("README", "")
    commit = project.commit()
    opened = project.store()
    return opened, opened.tree_of(opened.resolve(commit))


@pytest.fixture
def found(store: tuple[Store, str]) -> Found:
    """Return what a change of a repository loosens."""

    def look(before: Change, after: Change, *holding: str) -> tuple[Tamper, ...]:
        opened, empty = store
        base = _with(opened, empty, before)
        return tampering(opened, compose(opened, base, _with(opened, base, after)), holding)

    return look


def _with(store: Store, tree: str, files: Change) -> str:
    return store.write(tree, {path: None if text is None else text.encode() for path, text in files.items()})


def edited(found: Found, old: str, new: str, text: str = TEST) -> list[tuple[TamperKind, str]]:
    assert old in text
    result = found({"tests/test_code.py": text}, {"tests/test_code.py": text.replace(old, new)})
    return [(one.kind, one.test.removeprefix("tests/test_code.py::")) for one in result]


LOOSENED = {
    "a removed assertion": ("    assert double(2) == 4\n", "", (K.FEWER_ASSERTS, "test_double")),
    "another expected value": ("double(2) == 4", "double(2) == 5", (K.CHANGED_EXPECTATION, "test_double")),
    "an inequality": ("double(2) == 4", "double(2) >= 4", (K.WEAKER_ASSERT, "test_double")),
    "mere truth": ("double(2) == 4", "double(2)", (K.WEAKER_ASSERT, "test_double")),
    "something that is not None": (
        "double(2) == 4",
        "double(2) is not None",
        (K.WEAKER_ASSERT, "test_double"),
    ),
    "another way out": ("double(2) == 4", "double(2) == 4 or True", (K.FEWER_ASSERTS, "test_double")),
    "either value": ("double(2) == 4", "double(2) == 4 or double(2) == 5", (K.WEAKER_ASSERT, "test_double")),
    "an assertion that cannot fail": (
        "assert double(2) == 4",
        "assert True",
        (K.FEWER_ASSERTS, "test_double"),
    ),
    "a tuple for a comparison": (
        "assert double(2) == 4",
        "assert (double(2) == 4, 'no')",
        (K.FEWER_ASSERTS, "test_double"),
    ),
    "a wider tolerance": ("abs=0.01", "abs=0.1", (K.WIDER_TOLERANCE, "test_half")),
    "a skip mark": ("def test_half", "@pytest.mark.skip\ndef test_half", (K.SKIPPED, "test_half")),
    "a skip mark with a reason": (
        "def test_half",
        "@pytest.mark.skipif(True, reason='later')\ndef test_half",
        (K.SKIPPED, "test_half"),
    ),
    "a skip by hand": (
        "    value = half(0)",
        "    pytest.skip('no')\n        value = half(0)",
        (K.SKIPPED, "TestHalf::test_of_zero"),
    ),
    "a skip by raising": (
        "    value = half(0)",
        "    raise unittest.SkipTest('no')\n        value = half(0)",
        (K.SKIPPED, "TestHalf::test_of_zero"),
    ),
    "a skipped class": (
        "class TestHalf",
        "@pytest.mark.skip\nclass TestHalf",
        (K.SKIPPED, "TestHalf::test_of_zero"),
    ),
    "an expected failure": (
        "def test_half",
        "@pytest.mark.xfail\ndef test_half",
        (K.EXPECTED_TO_FAIL, "test_half"),
    ),
    "an expected failure by hand": (
        "    value = half(0)",
        "    pytest.xfail('no')\n        value = half(0)",
        (K.EXPECTED_TO_FAIL, "TestHalf::test_of_zero"),
    ),
    "a second try": (
        "def test_half",
        "@pytest.mark.flaky(reruns=9)\ndef test_half",
        (K.WEAKER_ASSERT, "test_half"),
    ),
    "a mark for the file": ("EXPECTED = 4", "EXPECTED = 4\npytestmark = pytest.mark.skip", (K.SKIPPED, "")),
    "an expected failure of the file": (
        "EXPECTED = 4",
        "EXPECTED = 4\npytestmark = [pytest.mark.xfail]",
        (K.EXPECTED_TO_FAIL, ""),
    ),
    "a skip of the module": (
        "EXPECTED = 4",
        "EXPECTED = 4\npytest.skip('no', allow_module_level=True)",
        (K.SKIPPED, ""),
    ),
    "a class that is no test": ("class TestHalf:", "class TestHalf:\n    __test__ = False", (K.SKIPPED, "")),
    "a name that is taken over": ("class TestHalf", "test_half = None\nclass TestHalf", (K.REMOVED, "")),
    "a name that is deleted": ("class TestHalf", "del test_half\nclass TestHalf", (K.REMOVED, "")),
    "an empty body": ("assert half(1) == approx(0.5, abs=0.01)", "pass", (K.EMPTIED, "test_half")),
    "a body of dots": ("assert half(1) == approx(0.5, abs=0.01)", "...", (K.EMPTIED, "test_half")),
    "an early return": (
        "    assert double(x) == 2 * x\n",
        "    return\n    assert double(x) == 2 * x\n",
        (K.EARLY_END, "test_double"),
    ),
    "a condition": (
        "        value = half(0)\n        assert value == 0",
        "        value = half(0)\n        if value:\n            assert value == 0",
        (K.EARLY_END, "TestHalf::test_of_zero"),
    ),
    "a failure that is caught": (
        "        assert value == 0",
        "        try:\n            assert value == 0\n        except AssertionError:\n            pass",
        (K.SWALLOWED, "TestHalf::test_of_zero"),
    ),
    "a failure that is suppressed": (
        "        assert value == 0",
        "        with contextlib.suppress(AssertionError):\n            assert value == 0",
        (K.SWALLOWED, "TestHalf::test_of_zero"),
    ),
    "fewer cases": ("[1, 2, 3]", "[1, 2]", (K.FEWER_CASES, "test_double")),
    "a longer time limit": ("timeout(5)", "timeout(50)", (K.LONGER_TIMEOUT, "test_table")),
    "another expected value of the module": ("EXPECTED = 4", "EXPECTED = 5", (K.CHANGED_EXPECTATION, "")),
    "a removed test": (
        "def test_half():\n    assert half(1) == approx(0.5, abs=0.01)\n",
        "",
        (K.REMOVED, "test_half"),
    ),
    "a test by a name that nobody collects": ("def test_half", "def check_half", (K.RENAMED, "test_half")),
    "a file that is no Python any more": ("EXPECTED = 4", "EXPECTED = (", (K.REWRITTEN, "")),
}


@pytest.mark.parametrize(("old", "new", "expected"), LOOSENED.values(), ids=LOOSENED)
def test_it_is_tampering_to_bring(found: Found, old: str, new: str, expected: tuple[TamperKind, str]) -> None:
    assert edited(found, old, new) == [expected]


HARMLESS = {
    "another layout": (
        "    assert double(2) == 4\n",
        "    assert (\n        double(2)\n        == 4\n    )  # it is\n",
    ),
    "two assertions in one": (
        "    assert double(x) == 2 * x\n    assert double(2) == 4\n",
        "    assert double(x) == 2 * x and double(2) == 4\n",
    ),
    "one more assertion": (
        "    assert double(2) == 4\n",
        "    assert double(2) == 4\n    assert double(0) == 0\n",
    ),
    "one more case": ("[1, 2, 3]", "[1, 2, 3, 4]"),
    "a narrower tolerance": ("abs=0.01", "abs=0.001"),
    "a shorter time limit": ("timeout(5)", "timeout(1)"),
    "one more test": ("class TestHalf", "def test_more():\n    assert double(5) == 10\n\nclass TestHalf"),
    "a docstring": ("def test_half():\n", 'def test_half():\n    """Half of one."""\n'),
    "another order of assertions": (
        "    assert double(x) == 2 * x\n    assert double(2) == 4\n",
        "    assert double(2) == 4\n    assert double(x) == 2 * x\n",
    ),
    "one more import": ("import pytest\n", "import pytest\nimport os\n"),
    "one more constant": ("EXPECTED = 4", "EXPECTED = 4\nMORE = 5"),
}


@pytest.mark.parametrize(("old", "new"), HARMLESS.values(), ids=HARMLESS)
def test_it_is_no_tampering_to_bring(found: Found, old: str, new: str) -> None:
    assert edited(found, old, new) == []


def test_a_place_is_a_line_of_the_candidate(found: Found) -> None:
    text = TEST.replace("double(2) == 4", "double(2) == 5")
    (one,) = found({"tests/test_code.py": TEST}, {"tests/test_code.py": text})
    assert (one.location.path, one.location.line) == ("tests/test_code.py", 11)
    assert one.message == "double(2) == 4 -> double(2) == 5"


def test_a_test_that_moved_to_another_file_is_renamed(found: Found) -> None:
    test = "def test_a():\n    assert 1 + 1 == int('2')\n"
    (one,) = found(
        {"tests/test_a.py": test, "tests/test_b.py": ""}, {"tests/test_a.py": "", "tests/test_b.py": test}
    )
    assert (one.kind, one.message) == (K.RENAMED, "now tests/test_b.py::test_a")


def test_a_removed_file_loses_all_its_tests(found: Found) -> None:
    result = found({"tests/test_code.py": TEST}, {"tests/test_code.py": None})
    assert {one.test.rpartition("::")[2] for one in result if one.kind is K.REMOVED} == {
        "test_double",
        "test_half",
        "test_table",
        "test_of_zero",
    }


@pytest.mark.parametrize(
    "path", ["conftest.py", "tests/conftest.py", ".github/workflows/ci.yml", "pytest.ini", "tox.ini"]
)
def test_what_decides_how_tests_run_is_set_apart(found: Found, path: str) -> None:
    (one,) = found({path: "a = 1\n"}, {path: "a = 1\nb = 2\n"})
    assert (one.kind, one.location.path, one.location.line) == (K.TEST_SETTINGS, path, 2)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("ruff.toml", "line-length = 80\n", "line-length = 800\n"),
        (".flake8", "[flake8]\n", "[flake8]\nignore = E\n"),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", "[tool.mypy]\nstrict = false\n"),
        ("setup.cfg", "[mypy]\nstrict = true\n", "[mypy]\nstrict = false\n"),
    ],
)
def test_what_tools_complain_about_is_set_apart(found: Found, path: str, before: str, after: str) -> None:
    (one,) = found({path: before}, {path: after})
    assert (one.kind, one.location.path) == (K.TOOL_SETTINGS, path)


def test_a_version_in_a_file_of_settings_is_no_tampering(found: Found) -> None:
    text = "[project]\nname = 'a'\nversion = '1'\n[tool.ruff]\nline-length = 80\n"
    assert found({"pyproject.toml": text}, {"pyproject.toml": text.replace("'1'", "'2'")}) == ()


def test_data_of_tests_may_grow_but_not_change(found: Found) -> None:
    assert found({"tests/data/a.txt": "1\n"}, {"tests/data/a.txt": "1\n2\n"}) == ()


def test_changed_data_of_tests_is_tampering(found: Found) -> None:
    (one,) = found({"tests/data/a.json": "1\n2\n"}, {"tests/data/a.json": "1\n3\n"})
    assert (one.kind, one.location.line) == (K.DATA, 2)


def test_an_answer_in_a_docstring_of_source_counts_where_it_is_a_test(found: Found) -> None:
    text = 'def area(x):\n    """Square.\n\n    >>> area(2)\n    4\n    """\n    return x * x\n'
    changes = {"shapes.py": text}, {"shapes.py": text.replace("    4\n", "    5\n")}
    (one,) = found(*changes, "shapes.py")
    assert (one.kind, one.test) == (K.CHANGED_EXPECTATION, "shapes.py::area")
    assert one.location.line == 4


def test_an_answer_in_a_docstring_that_nobody_runs_is_text(found: Found) -> None:
    text = 'def area(x):\n    """Square.\n\n    >>> area(2)\n    4\n    """\n    return x * x\n'
    assert found({"shapes.py": text}, {"shapes.py": text.replace("    4\n", "    5\n")}) == ()


def test_a_test_nested_beyond_reading_is_not_passed_over(found: Found) -> None:
    deep = "def test_a():\n    assert " + "(" * 500 + "1" + ")" * 500 + " == int('1')\n"
    (one,) = found(
        {"tests/test_a.py": "def test_a():\n    assert 1 == int('1')\n"}, {"tests/test_a.py": deep}
    )
    assert one.kind is K.REWRITTEN
