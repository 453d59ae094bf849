"""Where a text is no syntax of its language, and that valid text of every language is."""

from pathlib import Path

import pytest

from agent.index.grammar import LANGUAGES
from agent.index.syntax_errors import syntax_problem

SAMPLES = Path(__file__).parents[1] / "data" / "languages"


@pytest.mark.parametrize(
    ("path", "text", "line", "said"),
    [
        ("a.py", "x = 1\ndef f(:\n    pass\n", 2, "invalid syntax"),
        ("a.py", "def f():\npass\n", 2, "expected an indented block"),
        ("a.py", "f() = 1\n", 1, "cannot assign"),
        ("a.js", "function f() {\n  return 1;\n", 2, "is missing"),
        ("a.json", '{"a": 1,\n "b" 2}\n', 1, "unexpected"),
        ("a.go", "package a\n\nfunc f( {\n}\n", 3, ""),
        ("a.rs", "fn f() {\n    let x = ;\n}\n", 2, ""),
    ],
)
def test_the_first_place_that_does_not_parse_is_named(path: str, text: str, line: int, said: str) -> None:
    problem = syntax_problem(path, text.encode())
    assert problem is not None
    assert problem.line == line
    assert said in problem.message
    assert problem.message


def test_valid_text_has_no_problem() -> None:
    checked = 0
    for language in LANGUAGES:
        for path in SAMPLES.glob(f"**/*{language.suffixes[0]}"):
            assert syntax_problem(path.name, path.read_bytes()) is None, path
            checked += 1
    assert checked >= 10


@pytest.mark.parametrize("path", ["a.unknown", "LICENSE", "a.txt"])
def test_text_without_a_grammar_is_never_wrong(path: str) -> None:
    assert syntax_problem(path, b"def f(:") is None


@pytest.mark.parametrize(
    "text", [b"\0\0\0", b"\xff\xfe(", b"(" * 200_000, b"[" * 2_000_000, b"x = " + b"-" * 50_000]
)
def test_hostile_text_is_answered(text: bytes) -> None:
    syntax_problem("a.py", text)
