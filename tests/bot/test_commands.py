"""Commands in comments: what counts, what does not, and what is answered."""

import pytest

from agent.bot.commands import (
    LONGEST_BODY,
    Command,
    Commands,
    Do,
    Explain,
    Fix,
    Help,
    Review,
    Stop,
    Verify,
    read_commands,
)
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.replies import help_reply, misunderstood_reply
from tests.publishing.hostile import HOSTILE, SECRET
from tests.publishing.markdown import assert_inert, shape

UNDERSTOOD: list[tuple[str, list[Command]]] = [
    ("/ratchet fix", [Fix()]),
    ("/Ratchet FIX", [Fix()]),
    ("  /ratchet   fix  ", [Fix()]),
    ("/ratchet\tfix\ttests/test_a.py", [Fix(tests=("tests/test_a.py",))]),
    ("/ratchet fix tests/test_a.py::test__init__", [Fix(tests=("tests/test_a.py::test__init__",))]),
    ("/ratchet fix `t.py::a` 't.py::b[x y]'", [Fix(tests=("t.py::a", "t.py::b[x y]"))]),
    ("/ratchet do add *a* flag", [Do(goal="add *a* flag")]),
    ("/ratchet do\nadd a flag\n\nwith a test", [Do(goal="add a flag\n\nwith a test")]),
    ("/ratchet do this:\n\n```python\nf()\n```\n", [Do(goal="this:\n\n```python\nf()\n```")]),
    ("/ratchet do mine\n\n> theirs\n", [Do(goal="mine")]),
    ("/ratchet do mine\n<!-- theirs -->\n", [Do(goal="mine")]),
    ("/ratchet do mine\n- a\n  > theirs\n\n- b\n", [Do(goal="mine\n\n- a\n\n- b")]),
    ("/ratchet do it\n/ratchet verify\nthanks", [Do(goal="it"), Verify()]),
    ("/ratchet review the locking", [Review(goal="the locking")]),
    ("/ratchet explain", [Explain()]),
    ("/ratchet explain why?", [Explain(goal="why?")]),
    ("/ratchet verify", [Verify()]),
    ("/ratchet stop please", [Stop()]),
    ("/ratchet", [Help()]),
    ("/ratchet help", [Help()]),
    ("Hello\n/ratchet fix\n\n/ratchet stop\r\n", [Fix(), Stop()]),
    ("@ratchet-bot fix", [Fix()]),
    ("@Ratchet-Bot[bot], fix", [Fix()]),
    ("@ratchet-bot: explain why", [Explain(goal="why")]),
    ("/rat\u200bchet fix", [Fix()]),
    ("/rat<!-- x -->chet fix", [Fix()]),
    ("> quoted\n\n/ratchet fix", [Fix()]),
    ("<details>\n\n/ratchet fix\n\n</details>", [Fix()]),
]

UNHEARD = [
    "",
    "please /ratchet fix",
    "/ratchetfix",
    "/ratchet-fix",
    "/ratchet/fix",
    "//ratchet fix",
    "> /ratchet fix",
    "> quoted\n/ratchet fix",
    "> > /ratchet fix",
    "    /ratchet fix",
    "\t/ratchet fix",
    "```\n/ratchet fix\n```",
    "~~~\n/ratchet fix",
    "````\n```\n/ratchet fix\n````",
    "`/ratchet fix`",
    "`a\n/ratchet fix\n`",
    "<!-- /ratchet fix -->",
    "<!--\n/ratchet fix\n-->",
    "<!--\n/ratchet fix",
    "<!--\n\n/ratchet fix\n\n-->",
    '<a title="\n/ratchet fix\n">x</a>',
    "<div>\n/ratchet fix\n</div>",
    "<pre>\n/ratchet fix\n</pre>",
    "- /ratchet fix",
    "1. a\n\n   /ratchet fix",
    "# /ratchet fix",
    "/ratchet fix\n===",
    "/ratchet fix\n---",
    "/ratchet fix | x\n-|-\n",
    "[a]: /ratchet 'fix'",
    "**/ratchet fix**",
    "\\/ratchet fix",
    "@ratchet-bots fix",
    "@ratchet-bot/team fix",
    "@ratchet fix",
    "me@ratchet-bot fix",
    "\u202e/ratchet".replace("/", "x/") + " fix",
]


@pytest.mark.parametrize(("body", "commands"), UNDERSTOOD)
def test_a_command_is_read(body: str, commands: list[Command]) -> None:
    assert read_commands(body, "ratchet-bot[bot]") == Commands(commands=tuple(commands))


@pytest.mark.parametrize("body", UNHEARD)
def test_what_is_quoted_code_hidden_or_said_by_the_way_asks_for_nothing(body: str) -> None:
    assert read_commands(body, "ratchet-bot") == Commands()


@pytest.mark.parametrize("body", [body for body, _ in UNDERSTOOD])
def test_an_edited_comment_asks_for_nothing(body: str) -> None:
    assert read_commands(body, "ratchet-bot", edited=True) == Commands()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("/ratchet merge", "no command"),
        ("/ratchet do", "what to do"),
        ("/ratchet do " + "x" * 20_001, "at most 20000 characters"),
        ("/ratchet verify tests", "no more words"),
        ("/ratchet fix --all", "no options"),
        ("/ratchet fix 'a", "quotation mark"),
        ("/ratchet fix " + "a " * 51, "at most"),
        ("@ratchet-bot thanks!", "no command"),
        ("/ratchet fix\n" * 11, "first 10"),
        ("/ratchet fix\n" + "x" * LONGEST_BODY, "longer"),
    ],
)
def test_what_is_not_understood_is_answered_with_the_reason(body: str, why: str) -> None:
    (found,) = read_commands(body, "ratchet-bot").misunderstood
    assert why in found.reason
    assert found.reason in misunderstood_reply([found])


def test_the_commands_beside_a_wrong_one_are_read() -> None:
    found = read_commands("/ratchet merge\n/ratchet verify\n")
    assert found.commands == (Verify(),) and [one.line for one in found.misunderstood] == ["merge"]


def test_no_name_is_a_mention_when_the_bot_has_none() -> None:
    assert read_commands("@ fix\n\n@ratchet fix") == Commands()


def test_what_was_not_understood_is_said_back_harmlessly() -> None:
    calm = shape(misunderstood_reply(read_commands("/ratchet x").misunderstood))
    for text in HOSTILE[::3]:
        found = read_commands(f"/ratchet zzz{text}").misunderstood
        if found:
            reply = misunderstood_reply(found[:1], Pen(frozenset({SECRET})))
            assert shape(reply) == calm and SECRET not in reply
            assert_inert(reply, source=True)
    assert_inert(help_reply())


def test_hostile_bodies_are_read_without_a_fault() -> None:
    for text in HOSTILE:
        found = read_commands(f"{text}\n/ratchet fix\n{text}", "ratchet-bot")
        assert len(found.commands) <= 2
