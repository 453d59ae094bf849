"""Regular expressions over a snapshot."""

import pytest

from agent.index.search.pattern import Line, grep, literals
from agent.protocol.errors import UsageError


def test_lines_that_match_are_found_with_their_place(project):
    project.commit({"a.py": "def row_join(x):\n    return x\n", "b.txt": "row_join\n", "c.py": "rowjoin\n"})
    assert list(grep(project.view(), r"row_\w+\(")) == [Line("a.py", 1, "def row_join(x):")]


def test_what_has_no_literal_looks_at_every_file(project):
    project.commit({"a.py": "alpha\n", "b.py": "beta\n", "c.py": "x\n"})
    assert [line.path for line in grep(project.view(), "alpha|beta")] == ["a.py", "b.py"]


def test_what_is_no_regular_expression_is_refused(project):
    with pytest.raises(UsageError, match="not a regular expression"):
        list(grep(project.view(), "a(b"))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"def \w+_join", [b"def ", b"_join"]),
        (r"raise ValueError\(", [b"raise ValueError("]),
        (r"colou?r", [b"colo"]),
        (r"(optional)?wanted", [b"wanted"]),
        (r"[abc]def\.xyz", [b"def.xyz"]),
        (r"ab{2}cde", [b"cde"]),
        (r"one|two", []),
        (r"(?i)one", []),
        (r"\bfoo\b.*\d+bar", [b"foo", b"bar"]),
    ],
)
def test_the_literals_of_a_pattern_are_in_everything_that_matches(pattern, expected):
    assert literals(pattern) == expected
