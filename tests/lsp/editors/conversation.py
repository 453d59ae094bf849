"""One conversation with the server as an editor would have it: every message kept, every request answered."""

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from lsp.wire.framing import Framing, Garbage

_PATIENCE = 120.0
Message = dict[str, Any]


class Conversation:
    """A context manager; `heard` has all messages of the server in their order."""

    def __init__(self, server: Sequence[str], environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            server,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.heard: list[Message] = []
        self._incoming: queue.Queue[Message | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._id = 0

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: object) -> Any:
        """Send a request and return its result."""
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        answer = self.hear(lambda one: one.get("id") == self._id and "method" not in one)
        assert "error" not in answer, answer
        return answer["result"]

    def hear(self, wanted: Callable[[Message], bool]) -> Message:
        """Return the first message that is wanted, of those that came already or are to come."""
        for one in self.heard:
            if wanted(one):
                return one
        while True:
            came = self._incoming.get(timeout=_PATIENCE)
            assert came is not None, f"the server ended: {self.heard}"
            self.heard.append(came)
            if "method" in came and "id" in came:
                self._send({"id": came["id"], "result": _answer(came)})
            if wanted(came):
                return came

    def ended(self) -> int:
        """Return the exit status of the server."""
        return self._process.wait(_PATIENCE)

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        framing = Framing()
        while piece := self._process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
            for found in framing.feed(piece):
                if not isinstance(found, Garbage):
                    self._incoming.put(json.loads(found))
        self._incoming.put(None)


def _answer(asked: Message) -> object:
    match asked["method"]:
        case "workspace/applyEdit":
            return {"applied": True}
        case "workspace/configuration":
            return [None for _ in asked["params"]["items"]]
        case "window/showDocument":
            return {"success": True}
    return None
