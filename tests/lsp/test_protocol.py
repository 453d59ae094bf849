"""The server outlives what clients send, and says nothing about the machine it runs on."""

import pytest

from tests.lsp.editor import Editor

URI = "file:///tmp/a.py"


@pytest.fixture
def editor() -> Editor:
    return Editor()


def open_text(editor: Editor, text: str) -> None:
    editor.notify(
        "textDocument/didOpen", textDocument={"uri": URI, "languageId": "x", "version": 1, "text": text}
    )


def change(editor: Editor, version: int, start: list[int], end: list[int], text: str) -> None:
    span = [{"line": line, "character": character} for line, character in (start, end)]
    changes = [{"range": {"start": span[0], "end": span[1]}, "text": text}]
    editor.notify(
        "textDocument/didChange", textDocument={"uri": URI, "version": version}, contentChanges=changes
    )


def test_an_editor_begins_and_ends_as_the_protocol_says(editor: Editor) -> None:
    with editor:
        told = editor.initialize()
        assert told["serverInfo"]["name"] == "ratchet"
        assert told["capabilities"]["textDocumentSync"]["change"] == 2
        assert editor.ask("shutdown")["result"] is None
        editor.notify("exit")
        assert editor.ended() == 0


def test_an_editor_that_goes_without_a_word_leaves_no_server_behind(editor: Editor) -> None:
    with editor:
        editor.initialize()
        editor.leave()
        assert editor.ended() == 1


@pytest.mark.parametrize(
    "noise",
    [
        b"Content-Length: 99999999999\r\n\r\n",
        b"content-length: 2\r\n\r\n[]",
        b"Content-Length: 5\r\n\r\n{bad}",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: 0\r\n\r\n",
        b"Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfc",
        b"nothing at all\r\n\r\n",
        b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
    ],
)
def test_what_is_no_message_is_outlived(editor: Editor, noise: bytes) -> None:
    with editor:
        editor.write(noise)
        editor.write(b"\r\n\r\n")
        assert "capabilities" in editor.initialize()


def test_an_error_names_no_place_on_this_machine(editor: Editor) -> None:
    with editor:
        editor.initialize()
        for method, params in (
            ("textDocument/hover", {"textDocument": 5}),
            ("workspace/executeCommand", {"command": "none"}),
            ("no/such", {}),
            ("textDocument/didOpen", {"textDocument": None}),
        ):
            error = editor.ask(method, **params)["error"]
            assert "data" not in error
            assert "/" not in error["message"].replace(method, "")


@pytest.mark.parametrize(("start", "end"), [([0, 3], [0, 1]), ([9, 0], [9, 1])])
def test_an_impossible_edit_is_told_once(editor: Editor, start: list[int], end: list[int]) -> None:
    with editor:
        editor.initialize()
        open_text(editor, "abc\n")
        change(editor, 2, start, end, "x")
        change(editor, 3, [0, 0], [0, 0], "y")
        told = editor.hear(lambda one: one.get("method") == "window/showMessage")
        assert "close and open it again" in told["params"]["message"]
        assert editor.ask("shutdown")["result"] is None


@pytest.mark.parametrize("text", ["\ud800", "漢字😀", "\u2028\x0b\x0c", "\x00", "a\rb\r\nc\n"])
def test_any_text_is_taken(editor: Editor, text: str) -> None:
    with editor:
        editor.initialize()
        open_text(editor, text)
        change(editor, 2, [0, 0], [0, 0], text)
        assert editor.ask("shutdown")["result"] is None
