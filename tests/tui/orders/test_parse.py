"""Every text is an order: a command, words, or a sentence about what is wrong with it."""

import pytest

from agent.protocol.policy import ApprovalScope
from agent.protocol.task import TaskKind
from tui.orders.commands import COMMANDS
from tui.orders.order import (
    Act,
    ChooseModel,
    Misunderstood,
    NewTask,
    Options,
    Order,
    Show,
    Tell,
    Verb,
    Words,
)
from tui.orders.parse import parse
from tui.screens.registry import SCREENS


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("rename Cart.total", Words("rename Cart.total")),
        ("  \n ", Words("")),
        ("/usr/lib/x.py is wrong", Words("/usr/lib/x.py is wrong")),
        ("// a comment", Words("/ a comment")),
        ("/fix", NewTask(TaskKind.FIX)),
        ("/FIX tests/test_a.py", NewTask(TaskKind.FIX, "tests/test_a.py")),
        ("/fix --apply make check", NewTask(TaskKind.FIX, "make check", Options(apply=True))),
        (
            "/do --model big --budget $0.50 --branch b a thing",
            NewTask(TaskKind.DO, "a thing", Options(branch="b", model="big", budget=0.5)),
        ),
        ("/do\nfirst\nsecond", NewTask(TaskKind.DO, "first\nsecond")),
        ("/ask where?", NewTask(TaskKind.ASK, "where?")),
        ("/verify main..HEAD", NewTask(TaskKind.VERIFY, "main..HEAD")),
        ("/review", NewTask(TaskKind.REVIEW)),
        ("/cancel", Tell(Verb.CANCEL)),
        ("/stop 8f3a", Tell(Verb.CANCEL, "8f3a")),
        ("/priority 10", Tell(Verb.PRIORITY, priority=10)),
        ("/priority 10 8f3a", Tell(Verb.PRIORITY, "8f3a", priority=10)),
        ("/deny it is not mine", Tell(Verb.DENY, reason="it is not mine")),
        ("/approve --task go on", Tell(Verb.APPROVE, reason="go on", scope=ApprovalScope.TASK)),
        ("/approve --pattern 'a/*'", Tell(Verb.APPROVE, scope=ApprovalScope.PATTERN, pattern="a/*")),
        ("/model", ChooseModel()),
        ("/model small", ChooseModel("small")),
        ("/index Cart", Show("index", "Cart")),
        ("/doctor", Show("doctor")),
        ("/?", Act("app.show_help_panel")),
        ("/quit", Act("app.quit")),
    ],
)
def test_a_text_says_what_is_wanted(text: str, order: Order) -> None:
    assert parse(text) == order


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/fux", "there is no command /fux"),
        ("/do", "/do does not say what to do"),
        ("/ask  ", "/ask does not say what to ask"),
        ("/priority high", "a priority is a number from 0 to 1000"),
        ("/priority 1001", "a priority is a number from 0 to 1000"),
        ("/priority 99999999999999999999", "a priority is a number from 0 to 1000"),
        ("/priority ²", "a priority is a number from 0 to 1000"),
        ("/approve --pattern", "/approve --pattern does not say which"),
        ("/fix --nonsense x", "--nonsense is not understood here"),
        ("/fix --budget", "--budget is not understood here"),
        ("/do --budget lots x", "--budget lots is no sum in US dollars"),
    ],
)
def test_what_is_no_order_is_answered_with_what_would_be_one(text: str, said: str) -> None:
    order = parse(text)
    assert isinstance(order, Misunderstood)
    assert order.sentence == said and order.hint


def test_a_command_that_is_nearly_one_is_named() -> None:
    order = parse("/verfy")
    assert isinstance(order, Misunderstood) and "/verify" in order.hint


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_help_shows_is_understood(name: str) -> None:
    words = " 10" if name == "priority" else " x"
    order = parse(f"/{name}{words}")
    assert not isinstance(order, Misunderstood | Words)
    assert not isinstance(order, Show) or order.screen in SCREENS
