"""An editor that is attached to a daemon and answers what editors answer by themselves."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.editor import Editor

Message = dict[str, Any]
ABLE: dict[str, Any] = {
    "window": {"workDoneProgress": True, "showMessage": {}, "showDocument": {"support": True}},
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "disabledSupport": True,
            "dataSupport": True,
        }
    },
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
}
"""What a recent editor announces."""
_SILENCE = 240.0
"""Seconds without the message that is waited for, on a machine that may be very busy."""


class Attached:
    """Takes every message in turn, so that none is lost while an answer is waited for."""

    def __init__(self, editor: Editor, root: Path) -> None:
        self.editor = editor
        self.root = root
        self.seen: list[Message] = []
        self.shown: list[Path] = []
        self.refuses = False
        """Whether it wants no progress."""
        self._id = 1000

    def begin(self, capabilities: Message, options: Message) -> None:
        """Initialize with the folder of the repository."""
        folder = {"uri": self.root.as_uri(), "name": self.root.name}
        self.ask(
            "initialize",
            processId=None,
            rootUri=folder["uri"],
            workspaceFolders=[folder],
            capabilities=capabilities,
            initializationOptions=options,
        )
        self.editor.notify("initialized")

    def ask(self, method: str, **params: Any) -> Message:
        """Send a request and return its answer, whole."""
        number = self.post(method, **params)
        return self.answer(number)

    def post(self, method: str, **params: Any) -> int:
        """Send a request, and return its id."""
        self._id += 1
        self.editor.send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        return self._id

    def answer(self, number: int) -> Message:
        """Return the answer to a request of ours."""
        return self.hear(lambda one: one.get("id") == number and "method" not in one)

    def hear(self, wanted: Callable[[Message], bool]) -> Message:
        """Return the first message that is wanted, of those that nobody has taken yet."""
        for place, one in enumerate(self.seen):
            if wanted(one):
                return self.seen.pop(place)
        # A server that says nothing more would hold up everything.
        watchdog = threading.Timer(_SILENCE, self.editor.leave)
        watchdog.start()
        try:
            while True:
                one = self.editor.hear(lambda _: True)
                self._react(one)
                if wanted(one):
                    return one
                self.seen.append(one)
        finally:
            watchdog.cancel()

    def called(self, method: str, word: str = "") -> Message:
        """Return the first message of a method that holds a word."""
        return self.hear(lambda one: one.get("method") == method and word in str(one["params"]))

    def told(self, word: str = "") -> str:
        """Return the first sentence that the user is shown and that holds a word."""
        return str(self.called("window/showMessage", word)["params"]["message"])

    def asked(self, word: str = "") -> Message:
        """Return the first question that holds a word; `reply` answers it."""
        return self.called("window/showMessageRequest", word)

    def progress(self, kind: str, task_id: str) -> Message:
        """Return the first progress of a kind of a task."""

        def is_it(one: Message) -> bool:
            if one.get("method") != "$/progress" or not one["params"]["token"].endswith(task_id):
                return False
            return bool(one["params"]["value"]["kind"] == kind)

        value: Message = self.hear(is_it)["params"]["value"]
        return value

    def reply(self, question: Message, result: Any) -> None:
        """Answer a request of the server."""
        self.editor.send({"jsonrpc": "2.0", "id": question["id"], "result": result})

    def choose(self, question: Message, title: str) -> None:
        """Answer a question by one of its items."""
        assert {"title": title} in question["params"]["actions"]
        self.reply(question, {"title": title})

    def command(self, name: str, **order: Any) -> Any:
        """Execute a command with one argument and return what it says."""
        answer = self.ask("workspace/executeCommand", command=f"ratchet.{name}", arguments=[order])
        assert "result" in answer, answer
        return answer["result"]

    def uri(self, path: str) -> str:
        """Return the URI of a file of the repository."""
        return (self.root / path).as_uri()

    def open(self, path: str) -> str:
        """Open a file, and return its URI."""
        text = (self.root / path).read_text()
        document = {"uri": self.uri(path), "languageId": "python", "version": 1, "text": text}
        self.editor.notify("textDocument/didOpen", textDocument=document)
        return self.uri(path)

    def _react(self, one: Message) -> None:
        if one.get("method") == "window/workDoneProgress/create":
            error = {"code": -32601, "message": "no"}
            answer = {"error": error} if self.refuses else {"result": None}
            self.editor.send({"jsonrpc": "2.0", "id": one["id"], **answer})
        elif one.get("method") == "window/showDocument":
            self.shown.append(Path(one["params"]["uri"].removeprefix("file://")))
            self.reply(one, {"success": True})


@contextmanager
def attached(
    state: Path,
    root: Path,
    *,
    capabilities: Message = ABLE,
    config: Path = Path("/nonexistent"),
    **options: Any,
) -> Iterator[Attached]:
    """Start `ratchet lsp` on a state directory; keywords are settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RATCHET_STATE_DIR", str(state))
        patch.setenv("RATCHET_CONFIG", str(config))
        patch.delenv("RATCHET_SANDBOX", raising=False)
        editor = Editor()
    with editor:
        found = Attached(editor, root)
        found.begin(capabilities, options)
        yield found
