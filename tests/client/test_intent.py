"""What a request is meant to change, by its first word."""

import pytest

from agent.client.intent import intent_of
from agent.protocol.task import Intent


@pytest.mark.parametrize(
    ("goal", "intent"),
    [
        ("let total take a discount", Intent.IMPLEMENT),
        ("", Intent.IMPLEMENT),
        ("42", Intent.IMPLEMENT),
        ("add a command that renames files", Intent.IMPLEMENT),
        ("fix the rename command", Intent.IMPLEMENT),
        ("rename Cart.total to Cart.sum", Intent.REFACTOR),
        ("Refactor: split the parser", Intent.REFACTOR),
        ("please simplify total", Intent.REFACTOR),
        ("  - extract a helper", Intent.REFACTOR),
        ("MOVE it", Intent.REFACTOR),
        ("movement of files must be logged", Intent.IMPLEMENT),
        ("document the cart", Intent.DOCUMENT),
        ("docstrings for shop.cart", Intent.DOCUMENT),
    ],
)
def test_the_first_word_says_what_is_meant(goal: str, intent: Intent) -> None:
    assert intent_of(goal) is intent
