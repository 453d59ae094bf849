"""A hover says which task wrote a line, and why a line is suspicious; nothing outside becomes markup."""

from pathlib import Path

import pytest

from lsp.showing.markdown import escaped
from tests.daemon.daemon_process import DaemonProcess
from tests.e2e.conftest import CART, new_repository
from tests.lsp.attached import Attached
from tests.lsp.told import FAILING, FIXED, WRONG, Teller, asked_until, looking

PLAIN = {"textDocument": {"hover": {"contentFormat": ["plaintext"]}}}


@pytest.fixture
def teller(scripted: DaemonProcess, tmp_path: Path) -> Teller:
    return Teller(scripted, new_repository(tmp_path, CART))


def hovered(editor: Attached, line: int) -> dict[str, str]:
    place = {"line": line - 1, "character": 6}
    document = {"uri": editor.uri("cart.py")}
    found = asked_until(editor, "textDocument/hover", bool, textDocument=document, position=place)
    contents: dict[str, str] = found["contents"]
    return contents


def test_a_line_says_who_wrote_it_and_a_suspicious_one_why(teller: Teller) -> None:
    teller.failing()
    with looking(teller) as editor:
        suspicion = hovered(editor, WRONG)
        assert suspicion["kind"] == "markdown"
        assert "score 0\\.75" in suspicion["value"]
        assert "\\*ochiai\\* \\<b\\>" in suspicion["value"]
        place = {"line": 0, "character": 0}
        document = {"uri": editor.uri("cart.py")}
        assert editor.ask("textDocument/hover", textDocument=document, position=place)["result"] is None
    task_id = teller.fixing()
    (teller.repository.path / "cart.py").write_text(FIXED)
    with looking(teller, PLAIN) as editor:
        written = hovered(editor, WRONG)
        assert written["kind"] == "plaintext"
        assert written["value"].split("\n\n") == [
            f"Written by Ratchet: fix task {task_id.rpartition('-')[2]}, verified",
            f"Fixed 1 test: {FAILING}",
            "Cost: $0.2500",
        ]


def test_every_sign_that_could_be_markup_is_escaped() -> None:
    assert escaped("a_b <i> [x](command:y) `z`\n# h") == (
        "a\\_b \\<i\\> \\[x\\]\\(command\\:y\\) \\`z\\` \\# h"
    )
