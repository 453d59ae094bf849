import json

import pytest

from agent.ci.shown import code, code_block, line, lines, quiet
from tests.ci.reports import HOSTILE, SECRET

NOTHING = {0xFFFE: None, 0xFFFF: None}
"""Characters that are none, which nothing shows and nothing acts on."""


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_line_is_one_visible_line_without_secrets(text: str) -> None:
    shown = line(text, 100)
    assert shown.translate(NOTHING).isprintable() and len(shown) <= 100
    assert SECRET not in shown and SECRET not in lines(text)


def test_a_code_span_survives_its_own_backticks() -> None:
    assert code("a") == "`a`"
    assert code("a`b``c") == "```a`b``c```"
    assert code("`a`") == "`` `a` ``"
    assert code("") == "` `"


def test_a_fence_is_longer_than_any_run_inside() -> None:
    assert code_block("a\n", "diff") == "```diff\na\n```"
    assert code_block("`````").startswith("``````\n")


def test_a_log_holds_no_command_of_the_runner() -> None:
    assert quiet("::error::x\n  ::warning::y\na::b\n") == ": :error::x\n  : :warning::y\na::b\n"
    assert quiet("x ##[error]y ###[z") == "x # #[error]y ## #[z"
    assert quiet("a\r::error::x\r\n::y") == "a\r: :error::x\r\n: :y"
    assert not any(line.lstrip().startswith("::") for line in quiet(":::\n\t\u2003::a").splitlines())


def test_json_in_a_log_stays_the_same_json() -> None:
    document = {"reason": "##[error]x", "log": "::error::y\n##[group]"}
    told = quiet(json.dumps(document))
    assert "##[" not in told and json.loads(told) == document
