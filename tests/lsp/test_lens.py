"""Above tests stands how they stand, above functions which tests reach them."""

from pathlib import Path
from typing import Any

import pytest

from agent.protocol.task import TaskKind
from tests.daemon.daemon_process import DaemonProcess
from tests.e2e.conftest import CART, new_repository
from tests.lsp import history
from tests.lsp.attached import Attached, Message
from tests.lsp.told import FAILING, PASSING, Teller, asked_until, change, looking


@pytest.fixture
def teller(scripted: DaemonProcess, tmp_path: Path) -> Teller:
    return Teller(scripted, new_repository(tmp_path, CART))


def lenses(editor: Attached, path: str, word: str) -> dict[int, list[Message]]:
    """Return the commands above each line, from 1, once a word is among their titles."""
    document = {"uri": editor.uri(path)}
    found: list[Message] = asked_until(
        editor, "textDocument/codeLens", lambda now: word in str(now), textDocument=document
    )
    above: dict[int, list[Message]] = {}
    for one in found:
        above.setdefault(one["range"]["start"]["line"] + 1, []).append(one["command"])
    return above


def titles(commands: list[Message]) -> list[str]:
    return [one["title"] for one in commands]


def argument(commands: list[Message], title: str) -> Any:
    (found,) = (one for one in commands if one["title"].startswith(title))
    return found["command"], found["arguments"][0]


def test_tests_and_functions_say_how_they_stand(teller: Teller) -> None:
    task_id = teller.failing()
    with looking(teller) as editor:
        uri = editor.open("test_cart.py")
        above = lenses(editor, "test_cart.py", "failing in")
        name = task_id.rpartition("-")[2]
        assert titles(above[4]) == [f"passed in {name}", "Run"]
        assert titles(above[8]) == [f"failing in {name}", "Run", "Fix"]
        assert argument(above[8], "failing") == ("ratchet.show", {"uri": uri, "task": task_id})
        assert argument(above[8], "Run") == ("ratchet.verify", {"uri": uri, "tests": [FAILING]})
        assert argument(above[8], "Fix") == ("ratchet.fix", {"uri": uri, "tests": [FAILING]})
        change(editor, "test_cart.py", 2, 0, "# moved\n")
        assert 9 in lenses(editor, "test_cart.py", "failing in")
        functions = lenses(editor, "cart.py", "covered by 1 test'")
        assert titles(functions[1]) == ["covered by 2 tests, 1 failing", "Run", "Fix"]
        assert titles(functions[8]) == ["covered by 1 test", "Run"]
        verb, order = argument(functions[1], "Run")
        assert (verb, sorted(order["tests"])) == ("ratchet.verify", [FAILING, PASSING])
        editor.reply(editor.hear(lambda one: one.get("method") == "workspace/codeLens/refresh"), None)
        teller.tell(TaskKind.VERIFY, history.verdict(flaky=(FAILING,), passed=2))
        assert titles(lenses(editor, "test_cart.py", "flaky in")[9])[1:] == ["Run", "Fix"]
        editor.editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {"lens": False}})
        document = {"uri": editor.uri("cart.py")}
        assert asked_until(editor, "textDocument/codeLens", lambda now: not now, textDocument=document) == []
