"""The map of a repository within a budget."""

import pytest

from agent.index.repo_map import repo_map
from agent.index.search.hybrid import Search
from agent.index.tokens import estimate_tokens
from tests.index.conftest import Project

CENTRE = """class Matrix:
    '''Rows.'''

    def join(self, other):
        return other


def _hidden():
    pass
"""
USE = "from lib.matrix import Matrix\n\n\ndef {0}(rows):\n    return Matrix().join(rows)\n"
FILES = {
    "lib/matrix.py": CENTRE,
    "lib/solve.py": USE.format("solve"),
    "lib/plot.py": USE.format("plot"),
    "lib/colour.py": "def mix(red, green):\n    return red + green\n",
    "tests/test_solve.py": "from lib.solve import solve\n\n\ndef test_solve():\n    assert solve(1)\n",
}


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    (folder / "project").mkdir()
    made = Project(folder / "project", folder / "state")
    made.git("init", "-q", "-b", "main")
    made.commit(FILES)
    view = made.view()
    yield Search(view, edges=view.edges())
    made.close()


def test_what_much_depends_on_comes_first(search):
    assert repo_map(search, 400).files[0] == "lib/matrix.py"


def test_a_map_for_a_task_starts_with_what_the_task_is_about(search):
    drawn = repo_map(search, 400, "mixing of red and green is wrong")
    assert drawn.files[0] == "lib/colour.py"
    assert drawn.text.startswith("lib/colour.py\n  1: def mix(red, green)")


def test_a_method_is_shown_below_its_class(search):
    lines = repo_map(search, 400, "join").text.splitlines()
    assert "  1: class Matrix" in lines and "    4: def join(self, other)" in lines


@pytest.mark.parametrize("budget", [0, 5, 20, 60, 200])
def test_a_map_keeps_within_its_budget(search, budget):
    for text in ("", "solve the system"):
        drawn = repo_map(search, budget, text)
        assert drawn.tokens <= budget
        assert estimate_tokens(drawn.text) <= budget


def test_a_larger_budget_shows_more(search):
    assert len(repo_map(search, 30).text) < len(repo_map(search, 300).text)


def test_tokens_are_estimated_by_words_numbers_and_signs():
    assert estimate_tokens("") == 0
    assert estimate_tokens("def add(first, second):\n    return first + second\n") == 13
    assert estimate_tokens("1234567") == 3
    assert estimate_tokens("日本") == 4
