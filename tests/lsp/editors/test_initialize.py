"""With what each editor announces in `initialize`, the server does its work and uses nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.daemon_process import PATIENCE, until
from tests.lsp.editors.announced import announces, beyond, of_diagnostics, pulls
from tests.lsp.editors.conftest import SERVER, Workplace
from tests.lsp.editors.conversation import Conversation

PROFILES = sorted((Path(__file__).parents[1] / "data" / "initialize").glob("*.json"))


def opened(file: Path) -> dict[str, Any]:
    """Return the parameters of `didOpen` for a file."""
    text = file.read_text()
    return {"textDocument": {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}}


def has_failing_test(diagnostics: list[dict[str, Any]]) -> bool:
    """Say whether the failing test is among diagnostics."""
    return any("test_discount_is_taken_off" in one["message"] for one in diagnostics)


def diagnostics_of(
    talk: Conversation, announced: dict[str, Any], can: dict[str, Any], uri: str
) -> list[dict[str, Any]]:
    """Return what is shown of a document once the failing test is among it.

    Pulled by an editor that does so and can be told to do it again; pushed to any other.
    """
    if pulls(announced) and "diagnosticProvider" in can:
        for _ in until(PATIENCE):
            report = talk.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            if has_failing_test(report.get("items", [])):
                return list(report["items"])
        raise AssertionError(f"the failing test is not shown: {report}")
    pushed = talk.hear(
        lambda one: (
            one.get("method") == "textDocument/publishDiagnostics"
            and one["params"]["uri"] == uri
            and has_failing_test(one["params"]["diagnostics"])
        )
    )
    return list(pushed["params"]["diagnostics"])


@pytest.mark.long
@pytest.mark.parametrize("profile", PROFILES, ids=lambda one: one.stem)
def test_the_server_uses_only_what_the_editor_announced(workplace: Workplace, profile: Path) -> None:
    told = json.loads(profile.read_text())
    announced, root = told["params"]["capabilities"], workplace.repository.path
    folders = [{"uri": root.as_uri(), "name": "shop"}]
    params = {**told["params"], "processId": None, "rootUri": root.as_uri(), "workspaceFolders": folders}
    params.pop("rootPath", None)
    tests, cart = root / "test_cart.py", root / "cart.py"
    with Conversation(SERVER, workplace.environ) as talk:
        can = talk.ask("initialize", params)["capabilities"]
        talk.notify("initialized", {})
        talk.notify("textDocument/didOpen", opened(cart))
        talk.notify("textDocument/didOpen", opened(tests))
        shown = diagnostics_of(talk, announced, can, tests.as_uri())
        failing = next(one for one in shown if has_failing_test([one]))
        offered = talk.ask(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": tests.as_uri()},
                "range": failing["range"],
                "context": {"diagnostics": [failing]},
            },
        )
        order = {"task": workplace.task, "uri": cart.as_uri()}
        talk.ask("workspace/executeCommand", {"command": "ratchet.apply", "arguments": [order]})
        wanted = (
            "workspace/applyEdit" if announces(announced, "workspace.applyEdit") else "window/showMessage"
        )
        talk.hear(lambda one: one.get("method") == wanted)
        talk.ask("shutdown", None)
        talk.notify("exit", None)
        assert talk.ended() == 0

    assert any(one["title"].startswith("Fix with Ratchet") for one in offered)
    assert [*beyond(announced, talk.heard), *of_diagnostics(announced, shown)] == []
