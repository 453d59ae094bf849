"""A repository about which tasks have told something, and editors that look at it."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.proposal import Suspect
from agent.protocol.task import TaskKind
from tests.daemon.daemon_process import DaemonProcess
from tests.e2e.conftest import CART, Repository
from tests.lsp import history
from tests.lsp.attached import Attached, Message, attached

FAILING = "test_cart.py::test_discount_is_taken_off"
PASSING = "test_cart.py::test_total_adds_up"
WRONG, ASSERTION = 5, 9
"""Lines of the fault in cart.py and of the assertion that it fails in test_cart.py."""
FIXED = CART["cart.py"].replace("amount + discount", "amount - discount")
DIFF = """\
diff --git a/cart.py b/cart.py
--- a/cart.py
+++ b/cart.py
@@ -2,7 +2,7 @@ def total(prices, discount=0):
     amount = 0
     for price in prices:
         amount += price
-    return amount + discount
+    return amount - discount
 
 
 def count(prices):
"""
PUSHES: Message = {
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "dataSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "workspace": {"codeLens": {"refreshSupport": True}},
}
PULLS: Message = {
    "textDocument": {**PUSHES["textDocument"], "diagnostic": {}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
_NUMBERS = itertools.count(1)


class Teller:
    """Records tasks as a daemon would have."""

    def __init__(self, daemon: DaemonProcess, repository: Repository) -> None:
        self.state, self.repository = daemon.state, repository

    def tell(self, kind: TaskKind, *told: Any, **more: Any) -> str:
        """Record a task that has ended, as one by which the files have not changed since; returns its id."""
        task_id = f"20300101-000000-{next(_NUMBERS):08x}"
        database = Database.open(self.state)
        spec = history.spec(kind, str(self.repository.path), **more)
        facts = [history.snapshot(), *told, history.finished()]
        TaskStore(database).create(spec, task_id=task_id, facts=facts)
        database.close()
        return task_id

    def failing(self) -> str:
        """Record a fix that found a failing test and came up with nothing."""
        frames = history.at("test_cart.py", ASSERTION), history.at("cart.py", WRONG)
        tests = history.failed(FAILING, *frames), history.passed(PASSING)
        return self.tell(TaskKind.FIX, history.measured(*tests), self.suspect())

    def fixing(self) -> str:
        """Record a fix that was found and proven."""
        frames = history.at("test_cart.py", ASSERTION), history.at("cart.py", WRONG)
        made = history.patched(DIFF, "cart.py", cost=0.25)
        judged = history.verdict(fixed=(FAILING,), passed=2)
        return self.tell(TaskKind.FIX, history.measured(history.failed(FAILING, *frames)), *made, judged)

    def suspect(self) -> Any:
        lines = Suspect(path="cart.py", line=WRONG, score=0.75, symbol="total", reason="*ochiai* <b>")
        return history.ranked(lines)


@contextmanager
def looking(teller: Teller, capabilities: Message = PUSHES, **options: Any) -> Iterator[Attached]:
    """Attach an editor."""
    with attached(teller.state, teller.repository.path, capabilities=capabilities, **options) as editor:
        yield editor


def published(editor: Attached, path: str, good: Callable[[list[Message]], bool]) -> list[Message]:
    """Return the first diagnostics of a file that are as wanted."""
    uri = editor.uri(path)

    def is_it(one: Message) -> bool:
        if one.get("method") != "textDocument/publishDiagnostics" or one["params"]["uri"] != uri:
            return False
        return good(one["params"]["diagnostics"])

    found: list[Message] = editor.hear(is_it)["params"]["diagnostics"]
    return found


def asked_until(editor: Attached, method: str, good: Callable[[Any], bool], **params: Any) -> Any:
    """Ask until the answer is as wanted: what an editor is not told of it has to ask for again."""
    for _ in range(600):
        result = editor.ask(method, **params)["result"]
        if good(result):
            return result
        time.sleep(0.1)
    raise AssertionError(f"{method} last said {result}")


def change(editor: Attached, path: str, version: int, line: int, text: str) -> None:
    """Put text in front of a line, which counts from 0."""
    place = {"line": line, "character": 0}
    editor.editor.notify(
        "textDocument/didChange",
        textDocument={"uri": editor.uri(path), "version": version},
        contentChanges=[{"range": {"start": place, "end": place}, "text": text}],
    )
