"""The command with a scripted model, and what such a model says about the cart."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.models.server.script import Answer, Asked, Call, Reply, Script
from agent.models.server.scripted_server import ScriptedServer
from agent.patches.render import render
from agent.patches.rendering.symbols import Definition
from agent.protocol.model import EditFormat
from agent.tools.overlay import extracted
from tests.e2e.conftest import CART, Ratchet, Repository

Files = Mapping[str, str]
PROFILE = '[models.cheap]\nbase_url = "{url}"\nmodel = "scripted"\ncontext = 64000\n{profile}\n{more}\n'
RIGHT = CART["cart.py"].replace("amount + discount", "amount - discount")
WRONG = CART["cart.py"].replace("amount + discount", "amount - 2 * discount")
LOOK = Answer(
    text="I look.", calls=(Call("read", {"path": "cart.py"}), Call("read", {"path": "test_cart.py"}))
)
LIE = "Done: all tests pass, 100 % verified."
TAXED = "def test_tax_comes_on_top():\n    assert total([100], tax=20) == 120\n\n\n"
TAX_TEST = CART["test_cart.py"].replace("def test_count", f"{TAXED}def test_count")
TAX = RIGHT.replace("discount=0):", "discount=0, tax=0):").replace(
    "amount - discount", "(amount - discount) * (100 + tax) / 100"
)


@dataclass(frozen=True)
class Ended:
    """What a command printed, and what its model was asked."""

    report: dict[str, Any]
    requests: Sequence[Asked]

    @property
    def outcome(self) -> tuple[object, object]:
        return self.report["outcome"], self.report["exit"]


class WithModel:
    """The command, with a scripted model named `cheap`."""

    def __init__(self, ratchet: Ratchet, config: Path) -> None:
        self.ratchet = ratchet
        self.config = config
        ratchet.environ |= {"RATCHET_CONFIG": str(config), "RATCHET_SANDBOX": "bubblewrap"}

    def __call__(
        self, repository: Repository, script: Script, *arguments: str, profile: str = "", more: str = ""
    ) -> Ended:
        with ScriptedServer(script) as server:
            self.configure(server.base_url, profile, more)
            report = self.ratchet.json(*arguments, "-C", str(repository.path))
        return Ended(report, server.requests)

    def configure(self, url: str, profile: str = "", more: str = "") -> None:
        self.config.write_text(PROFILE.format(url=url, profile=profile, more=more))


def definitions(path: str, content: bytes) -> Sequence[Definition]:
    return [Definition(row[1], row[6], row[7]) for row in extracted(path, content).definitions]


def edit(before: Files, after: Files, edit_format: EditFormat = EditFormat.SEARCH_REPLACE) -> Call:
    """Return the call that makes `after` of `before`."""
    old, new = ({path: text.encode() for path, text in files.items()} for files in (before, after))
    return Call("edit", {"edits": render(edit_format, old, new, definitions)})


def stale(edit_format: EditFormat) -> Call:
    """Return an edit of code that is not there; a whole file has no anchor, but has to be valid syntax."""
    if edit_format is EditFormat.WHOLE_FILE:
        return edit(CART, {**CART, "cart.py": RIGHT.replace("):", "(:", 1)}, edit_format)
    if edit_format is EditFormat.SYMBOL:
        return Call("edit", {"edits": "cart.py::subtotal\n```python\ndef subtotal():\n    pass\n```\n"})
    other = CART["cart.py"].replace("total", "subtotal").replace("amount", "money")
    changed = other.replace("money + discount", "money - discount")
    return edit({"cart.py": other}, {"cart.py": changed}, edit_format)


def proven(cart: Repository) -> Repository:
    """Return the repository with its bug fixed."""
    cart.commit({"cart.py": RIGHT}, "mend")
    return cart


class Conversation:
    """A model that reads a file each turn and answers in the last one; one turn waits until it may go on."""

    def __init__(self, turns: int, waits_at: int) -> None:
        self.asked: list[int] = []
        self.waiting = threading.Event()
        self.may_go_on = threading.Event()
        self.requests: list[Asked] = []
        self._turns, self._waits_at = turns, waits_at

    def __call__(self, asked: Asked) -> Reply:
        turn = 1 + sum(message.get("role") == "assistant" for message in asked.messages)
        self.asked.append(turn)
        self.requests.append(asked)
        return (
            Call("read", {"path": "cart.py", "start": turn}) if turn < self._turns else "It is in cart.py:5."
        )


class Waiting(ScriptedServer):
    """Answers one turn of a conversation only when it may."""

    def __init__(self, conversation: Conversation, waits_at: int) -> None:
        super().__init__(conversation)
        self._conversation, self._waits_at = conversation, waits_at

    def answer(self, asked: Asked) -> Answer | None:
        found = super().answer(asked)
        if self._conversation.asked[-1] == self._waits_at:
            self._conversation.waiting.set()
            self._conversation.may_go_on.wait(120)
        return found
