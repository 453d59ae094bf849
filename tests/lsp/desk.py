"""An editor with buffers, in raw JSON: takes edits as it announced, types, and answers as a test says."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.lsp.reference import Reference

NVIM = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"resourceOperations": ["rename", "create", "delete"]}}
}
EGLOT = {"workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}}
VSCODE = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "failureHandling": "textOnlyTransactional",
            "normalizesLineEndings": True,
            "changeAnnotationSupport": {"groupsOnLabel": True},
        },
    },
    "window": {"showDocument": {"support": True}},
}

Send = Callable[[dict[str, Any]], None]


class At(NamedTuple):
    """A position."""

    line: int
    character: int


class Desk:
    """One editor; `asked` has the questions it was asked, `edits` what it was sent."""

    def __init__(self, send: Send, root: Path, *, tells_late: bool = False) -> None:
        self.root = root
        self.tells_late = tells_late
        self.buffers: dict[str, Reference] = {}
        self.versions: dict[str, int] = {}
        self.asked: list[dict[str, Any]] = []
        self.edits: list[dict[str, Any]] = []
        self.refusals: list[dict[str, Any]] = []
        """What the next edits are answered with instead of being applied."""
        self.typing: list[tuple[str, At, At, str]] = []
        """What is typed while the next edits are on their way."""
        self.answers: list[str | None] = []
        """What the next questions are answered with; then nothing."""
        self._send = send

    def uri(self, name: str) -> str:
        """Return the URI of a file."""
        return (self.root / name).as_uri()

    def text(self, name: str) -> str:
        """Return what a buffer holds."""
        return self.buffers[self.uri(name)].text

    def notify(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def open(self, name: str, text: str | None = None) -> None:
        """Open a file as it is on the disk, unless it is shown otherwise."""
        shown = (self.root / name).read_bytes().decode() if text is None else text
        self.buffers[self.uri(name)] = Reference(shown, "utf-16")
        self.versions[self.uri(name)] = 1
        opened = {"uri": self.uri(name), "languageId": "python", "version": 1, "text": shown}
        self.notify("textDocument/didOpen", textDocument=opened)

    def type(self, name: str, start: At, end: At, text: str) -> None:
        """Change a buffer and tell the server."""
        self._tell(self._change(self.uri(name), [(start, end, text)]))

    def hear(self, heard: dict[str, Any]) -> str:
        """Do what the server says; returns what it says in the end about a patch, before that nothing."""
        said = str((heard.get("params") or {}).get("message", ""))
        match heard["method"]:
            case "workspace/applyEdit":
                self._take(heard)
            case "window/showMessageRequest":
                self.asked.append(heard["params"])
                chosen = self.answers.pop(0) if self.answers else None
                self._answer(heard, {"title": chosen} if chosen else None)
                return said if "Ratchet applied" in said else ""
            case "window/showMessage":
                return said if "Ratchet applied" in said else ""
            case _ if "id" in heard:
                self._answer(heard, {"success": True})
        return ""

    def _take(self, heard: dict[str, Any]) -> None:
        self.edits.append(heard["params"]["edit"])
        if self.typing:
            self.type(*self.typing.pop(0))
        if self.refusals:
            self._answer(heard, self.refusals.pop(0))
            return
        told = [self._change(uri, edits) for uri, edits in self._meant(heard["params"]["edit"]) if edits]
        if self.tells_late:
            self._answer(heard, {"applied": True})
        for change in told:
            self._tell(change)
        if not self.tells_late:
            self._answer(heard, {"applied": True})

    def _meant(self, edit: dict[str, Any]) -> Iterable[tuple[str, list[tuple[At, At, str]]]]:
        for uri, edits in edit.get("changes", {}).items():
            yield uri, [_read(one) for one in edits]
        for step in edit.get("documentChanges", ()):
            if "kind" in step:
                continue
            document = step["textDocument"]
            assert document["version"] == self.versions.get(document["uri"]), "this is another text"
            yield document["uri"], [_read(one) for one in step["edits"]]

    def _change(self, uri: str, edits: list[tuple[At, At, str]]) -> dict[str, Any] | None:
        if uri not in self.buffers:
            return None
        self.buffers[uri].apply_all(edits)
        self.versions[uri] += 1
        changes = [
            {"range": _range(start, end), "text": text} for start, end, text in sorted(edits, reverse=True)
        ]
        return {"textDocument": {"uri": uri, "version": self.versions[uri]}, "contentChanges": changes}

    def _tell(self, change: dict[str, Any] | None) -> None:
        if change is not None:
            self.notify("textDocument/didChange", **change)

    def _answer(self, heard: dict[str, Any], result: object) -> None:
        self._send({"jsonrpc": "2.0", "id": heard["id"], "result": result})


def _read(edit: dict[str, Any]) -> tuple[At, At, str]:
    start, end = (
        At(edit["range"][side]["line"], edit["range"][side]["character"]) for side in ("start", "end")
    )
    return start, end, edit["newText"]


def _range(start: At, end: At) -> dict[str, Any]:
    return {"start": start._asdict(), "end": end._asdict()}
