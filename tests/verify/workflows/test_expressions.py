"""Expressions mean what GitHub says, and are refused where anything in them is not known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verify.workflows.document import Plain
from agent.verify.workflows.expressions import Scope, Unknown, evaluate, fill

SCOPE = Scope(
    {
        "matrix": {"python": "3.11", "os": {"name": "Ubuntu"}, "n": 3, "flag": False, "list": ["a", "B"]},
        "env": {"LEVEL": "strict", "WITH-DASH": "1"},
        "github": {"ref_name": "x; rm -rf /", "sha": "abc", "head_ref": "feature/good-1"},
    },
    frozenset({"matrix"}),
    frozenset({"github.ref_name", "github.head_ref"}),
)

KNOWN: dict[str, Plain] = {
    "matrix.python": "3.11",
    "matrix.os.name == 'ubuntu'": True,
    "matrix['python']": "3.11",
    "matrix.missing": None,
    "matrix.missing || 'other'": "other",
    "matrix.n == '3' && 'three' || 'no'": "three",
    "!matrix.flag": True,
    "!!matrix.flag": False,
    "matrix.n >= 3 && matrix.n < 4": True,
    "(1 == 2) || 'b'": "b",
    "contains(matrix.list, 'b')": True,
    "contains('Hello', 'ell')": True,
    "startsWith('Hello', 'he') && endsWith('x.py', '.PY')": True,
    "format('py{0}-{1}{{}}', matrix.python, 2)": "py3.11-2{}",
    "join(matrix.list, '-')": "a-B",
    "toJSON(matrix.list)": '[\n  "a",\n  "B"\n]',
    "'it''s'": "it's",
    "env.LEVEL": "strict",
    "null == ''": True,
    "-0x10": -16,
    "1.5 != 1.5": False,
    "'a' < 1": False,
}


@pytest.mark.parametrize("text", KNOWN)
def test_an_expression_has_its_value(text: str) -> None:
    assert evaluate(text, SCOPE) == KNOWN[text]


UNKNOWN = (
    "secrets.TOKEN",
    "env.OTHER",
    "vars.X || 'guess'",
    "steps.a.outputs.b",
    "needs.a.outputs.b",
    "github.event.pull_request.title",
    "hashFiles('**')",
    "always()",
    "matrix.python +",
    "1 2",
    "'open",
    "format('{9}')",
    "fromJSON('[1, 2]')[0]",
    "fromJSON('{')",
    "((((1",
    "matrix.",
    "",
    "(" * 500,
    "!" * 1500 + "x",
    "x" * 3000,
    "format(" * 29 + "'{0}{0}{0}{0}{0}{0}{0}{0}'" + ")" * 29,
)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_known_is_refused_and_named(text: str) -> None:
    with pytest.raises(Unknown) as refused:
        evaluate(text, SCOPE)
    assert len(refused.value.what) <= 100


def test_a_value_from_outside_is_no_part_of_a_script_unless_it_is_a_word() -> None:
    assert fill("echo ${{ github.head_ref }}", SCOPE, script=True) == "echo feature/good-1"
    assert fill("${{ github.ref_name }}", SCOPE) == "x; rm -rf /"
    for text in ("echo ${{ github.ref_name }}", "${{ format('{0}', github.ref_name) }}"):
        with pytest.raises(Unknown, match="could be taken for commands"):
            fill(text, SCOPE, script=True)


def test_a_value_that_is_no_text_is_refused() -> None:
    with pytest.raises(Unknown):
        fill("${{ fromJSON('\"\\\\ud800\"') }}".replace("\\\\", "\\"), SCOPE)


def test_growing_texts_end() -> None:
    grown = "'aaaaaaaaaaaaaaaaaaaa'"
    for _ in range(12):
        grown = f"format('{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}', {grown})"
    with pytest.raises(Unknown):
        evaluate(grown, SCOPE)


_tokens = st.sampled_from(
    [
        "matrix",
        ".",
        "python",
        "(",
        ")",
        "[",
        "]",
        "'a'",
        "1",
        "&&",
        "||",
        "!",
        "==",
        "<",
        "format",
        ",",
        "github",
        "-1",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(_tokens, max_size=25).map(" ".join)))
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_value_or_is_refused(text: str) -> None:
    try:
        evaluate(text, SCOPE)
        fill(f"a ${{{{ {text} }}}} b", SCOPE, script=True)
    except Unknown:
        pass
