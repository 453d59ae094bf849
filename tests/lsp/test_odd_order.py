"""Messages out of turn, ids of every kind, answers to nothing: requests are answered, nothing else is."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lsp.editor import Editor

INVALID_REQUEST, METHOD_NOT_FOUND, NOT_INITIALIZED = -32600, -32601, -32002


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """An editor that has begun; every test leaves it working."""
    with Editor() as one:
        one.initialize()
        yield one
        assert one.ask("shutdown")["result"] is None
        one.notify("exit")
        assert one.ended() == 0


def answer_to(editor: Editor, message: dict[str, Any], known: object) -> dict[str, Any]:
    """Send a message as it is and return the answer with that id."""
    editor.send({"jsonrpc": "2.0"} | message)
    return editor.hear(lambda one: "method" not in one and one["id"] == known)


def test_before_initialize_requests_are_refused_and_notifications_dropped() -> None:
    with Editor() as editor:
        editor.notify("textDocument/didOpen", textDocument={})
        assert editor.ask("textDocument/codeAction")["error"]["code"] == NOT_INITIALIZED
        assert "capabilities" in editor.initialize()
        assert editor.ask("initialize", capabilities={})["error"]["code"] == INVALID_REQUEST


def test_after_shutdown_requests_are_refused_until_the_exit() -> None:
    with Editor() as editor:
        editor.initialize()
        editor.ask("shutdown")
        assert editor.ask("textDocument/codeAction")["error"]["code"] == INVALID_REQUEST
        assert editor.ask("shutdown")["error"]["code"] == INVALID_REQUEST
        editor.notify("exit")
        assert editor.ended() == 0


def test_an_exit_without_shutdown_is_told_by_the_status() -> None:
    with Editor() as editor:
        editor.notify("exit")
        assert editor.ended() == 1


@pytest.mark.parametrize("known", [0, -1, 2**70, "", "a", "漢\ud800", "x" * 10_000])
def test_a_request_is_answered_with_its_own_id(editor: Editor, known: int | str) -> None:
    assert answer_to(editor, {"id": known, "method": "no/such"}, known)["error"]["code"] == METHOD_NOT_FOUND


@pytest.mark.parametrize("known", [None, 1.5, True, [1], {"a": 1}])
def test_an_id_that_is_none_is_refused(editor: Editor, known: object) -> None:
    answer = answer_to(editor, {"id": known, "method": "shutdown"}, None)
    assert answer["error"]["code"] == INVALID_REQUEST


@pytest.mark.parametrize(
    "message",
    [
        {"id": 7, "method": 5},
        {"id": 7, "method": None},
        {"id": 7, "jsonrpc": "1.0", "method": "shutdown"},
        {"id": 7, "jsonrpc": None, "method": "shutdown"},
        {"id": 7, "method": "textDocument/didOpen", "params": {"textDocument": {}}},
        {"id": 7, "method": "initialized", "params": {}},
    ],
)
def test_what_is_no_request_but_has_an_id_is_refused(editor: Editor, message: dict[str, Any]) -> None:
    assert answer_to(editor, message, 7)["error"]["code"] in (INVALID_REQUEST, -32602)


@pytest.mark.parametrize(
    "message",
    [
        {"id": 5, "result": None},
        {"id": "x", "result": {"a": 1}},
        {"id": 2**70, "error": {"code": 1, "message": "m"}},
        {"id": 5, "error": None, "result": 1},
        {"id": 5, "error": 7},
        {"method": "textDocument/codeAction", "params": {}},
        {"method": "no/such"},
        {"method": "$/cancelRequest", "params": {"id": "never"}},
        {"method": "$/cancelRequest"},
        {"method": "$/cancelRequest", "params": {"id": [1]}},
        {"method": "$/cancelRequest", "params": {"id": {}}},
        {"method": "window/workDoneProgress/cancel", "params": {"token": "never"}},
        {"method": "textDocument/didChange", "params": {"textDocument": 5}},
        {"method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///never"}}},
        {"method": "$/setTrace", "params": {"value": "loud"}},
    ],
)
def test_what_asks_for_nothing_gets_no_answer(editor: Editor, message: dict[str, Any]) -> None:
    editor.send({"jsonrpc": "2.0"} | message)
    editor.send({"jsonrpc": "2.0", "id": "next", "method": "no/such"})
    assert editor.hear(lambda one: "method" not in one)["id"] == "next"


def test_two_requests_of_one_id_have_two_answers(editor: Editor) -> None:
    for _ in range(2):
        editor.send({"jsonrpc": "2.0", "id": "twice", "method": "no/such"})
    for _ in range(2):
        assert editor.hear(lambda one: one.get("id") == "twice")["error"]["code"] == METHOD_NOT_FOUND


def test_several_messages_in_one_are_refused(editor: Editor) -> None:
    editor.send([{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}])
    assert editor.hear(lambda one: "method" not in one)["error"]["code"] == INVALID_REQUEST


def test_an_edit_that_is_not_understood_loses_the_document_aloud(editor: Editor) -> None:
    document = {"uri": "file:///tmp/odd.py", "languageId": "x", "version": 1, "text": "a\n"}
    editor.notify("textDocument/didOpen", textDocument=document)
    editor.notify("textDocument/didChange", textDocument=document, contentChanges=[{"range": 5, "text": "b"}])
    told = editor.hear(lambda one: one.get("method") == "window/showMessage")
    assert "close and open it again" in told["params"]["message"]
