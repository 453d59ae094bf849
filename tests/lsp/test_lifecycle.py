"""From initialize to exit as editors of all kinds do it, over raw JSON."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.editor import Editor

PULLS = {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Editor]:
    """An editor of which no daemon can be started."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "file" / "state"))
    with Editor() as started:
        yield started


def begin(editor: Editor, capabilities: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    answer = editor.ask(
        "initialize", **{"processId": None, "rootUri": None, "capabilities": capabilities or {}, **params}
    )
    editor.notify("initialized")
    result: dict[str, Any] = answer["result"]
    return result


def asked(editor: Editor, method: str) -> dict[str, Any]:
    return editor.hear(lambda one: one.get("method") == method and "id" in one)


def told(editor: Editor) -> str:
    heard = editor.hear(lambda one: one.get("method") == "window/showMessage")
    return str(heard["params"]["message"])


def reply(editor: Editor, request: dict[str, Any], result: object) -> None:
    editor.send({"jsonrpc": "2.0", "id": request["id"], "result": result})


def folder(path: Path) -> dict[str, str]:
    return {"uri": path.as_uri(), "name": path.name}


def new_repository(root: Path) -> Path:
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def test_everything_has_its_time(editor: Editor) -> None:
    early = editor.ask("textDocument/hover", textDocument={"uri": "file:///x"}, position={})
    assert early["error"]["code"] == -32002
    assert begin(editor)["serverInfo"]["name"] == "ratchet"
    assert editor.ask("initialize", processId=None, rootUri=None, capabilities={})["error"]["code"] == -32600
    assert editor.ask("shutdown")["result"] is None
    assert editor.ask("shutdown")["error"]["code"] == -32600
    assert editor.ask("workspace/symbol", query="x")["error"]["code"] == -32600
    editor.notify("exit")
    assert editor.ended() == 0


def test_an_exit_that_was_not_asked_for_is_told_by_the_status(editor: Editor) -> None:
    begin(editor)
    editor.notify("exit")
    assert editor.ended() == 1


def test_an_exit_before_anything_else_ends_it(editor: Editor) -> None:
    editor.notify("exit")
    assert editor.ended() == 1


def test_hanging_up_after_a_shutdown_is_a_good_end(editor: Editor) -> None:
    begin(editor)
    editor.ask("shutdown")
    editor.leave()
    assert editor.ended() == 0


def test_the_server_ends_with_the_process_of_its_editor(editor: Editor) -> None:
    with subprocess.Popen(["sleep", "60"]) as theirs:
        begin(editor, processId=theirs.pid)
        editor.ask("workspace/executeCommand", command="ratchet.none")
        theirs.kill()
        theirs.wait()
        assert editor.ended() == 1


def test_settings_are_pulled_pushed_and_corrected_each_problem_told_once(editor: Editor) -> None:
    lens = {"refreshSupport": True}
    begin(
        editor,
        {"workspace": {**PULLS, "codeLens": lens}},
        initializationOptions={"lenss": 1, "hover": False},
    )
    assert "`ratchet.lenss`" in told(editor)
    registered = asked(editor, "client/registerCapability")["params"]["registrations"]
    assert registered[0]["method"] == "workspace/didChangeConfiguration"
    pulled = asked(editor, "workspace/configuration")
    assert pulled["params"] == {"items": [{"section": "ratchet"}]}
    reply(editor, pulled, [{"lens": False, "trusted": True}])
    assert "initializationOptions" in told(editor)
    assert asked(editor, "workspace/codeLens/refresh")
    # A signal to ask again, and what two others send.
    for said in (None, {"python": {}}, {}):
        editor.notify("workspace/didChangeConfiguration", settings=said)
        reply(editor, asked(editor, "workspace/configuration"), [None])
        if said is None:
            assert asked(editor, "workspace/codeLens/refresh")
    editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {"lens": "x", "budget": []}})
    assert {word for word in (told(editor), told(editor)) if "`ratchet." in word}
    editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {"lens": "x", "sandbox": "jail"}})
    assert "`ratchet.sandbox`" in told(editor)


def test_an_editor_without_settings_is_not_asked_for_any(editor: Editor) -> None:
    begin(editor)
    editor.notify("workspace/didChangeConfiguration", settings=None)
    editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {"hovver": True}})
    first = editor.hear(lambda one: "method" in one)
    assert "`ratchet.hovver`" in first["params"]["message"]


def test_without_a_daemon_documents_are_followed_and_the_user_is_told_what_to_do(
    editor: Editor, tmp_path: Path
) -> None:
    root = new_repository(tmp_path / "shop")
    assert begin(editor, rootUri=root.as_uri())["capabilities"]["workspace"]["workspaceFolders"]["supported"]
    assert "RATCHET_STATE_DIR" in told(editor)
    document = {"uri": (root / "x.py").as_uri(), "languageId": "python", "version": 1, "text": "x\n"}
    editor.notify("textDocument/didOpen", textDocument=document)
    impossible = {"start": {"line": 9, "character": 0}, "end": {"line": 9, "character": 1}}
    editor.notify(
        "textDocument/didChange",
        textDocument={"uri": document["uri"], "version": 2},
        contentChanges=[{"range": impossible, "text": "y"}],
    )
    assert "close and open it again" in told(editor)


@pytest.mark.parametrize("way", ["workspaceFolders", "rootUri", "rootPath", "didChange", "didOpen"])
def test_the_tasks_of_a_repository_are_followed_however_it_was_opened(
    editor: Editor, tmp_path: Path, way: str
) -> None:
    root = new_repository(tmp_path / "shop")
    params: dict[str, Any] = {
        "workspaceFolders": {"workspaceFolders": [folder(tmp_path), folder(root)]},
        "rootUri": {"rootUri": root.as_uri(), "workspaceFolders": None},
        "rootPath": {"rootPath": str(root)},
    }.get(way, {})
    begin(editor, **params)
    if way == "didChange":
        event = {"added": [folder(root)], "removed": [folder(tmp_path)]}
        editor.notify("workspace/didChangeWorkspaceFolders", event=event)
    elif way == "didOpen":
        document = {"uri": (root / "x.py").as_uri(), "languageId": "python", "version": 1, "text": ""}
        editor.notify("textDocument/didOpen", textDocument=document)
    # That it cannot be followed is how one sees that it is tried.
    assert "RATCHET_STATE_DIR" in told(editor)
