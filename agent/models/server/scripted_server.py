"""A threaded HTTP server that answers requests for a model from a script."""

import json
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, cast

from agent.models.server.answering import send
from agent.models.server.faults import BREAKING
from agent.models.server.script import Answer, Asked, Reply, Script, as_answer
from agent.models.server.wire import Wire

_MOST = 64 * 1024**2
"""Bytes of a request; more is cut off."""


class ScriptedServer:
    """`with ScriptedServer([...]) as server:` answers at `server.base_url`; safe for several clients.

    The script is a sequence of replies, given out in order, or a function of the request. After the last
    reply every request is refused with 400 `script_exhausted`. `requests` holds what was asked so far.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        port: int = 0,
        models: tuple[str, ...] = ("scripted",),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Asked] = []
        self.models = models
        self.stopping = threading.Event()
        self._script = script if callable(script) else None
        self._replies: Iterator[Reply] = iter(()) if callable(script) else iter(script)
        self._lock = threading.Lock()
        self._tcp = _Tcp(("127.0.0.1", port), self)
        self._scheme = "https" if tls else "http"
        if tls:
            # The handshake belongs to the thread of a request, not to the one that accepts.
            self._tcp.socket = tls.wrap_socket(
                self._tcp.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._tcp.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        """Return the address for a profile."""
        return f"{self._scheme}://127.0.0.1:{self._tcp.server_address[1]}/v1"

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._tcp.shutdown()
        self._tcp.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> Answer | None:
        """Return what the script says to a request; None when it is at its end."""
        with self._lock:
            self.requests.append(asked)
            if self._script is not None:
                return as_answer(self._script(asked))
            reply = next(self._replies, None)
        return None if reply is None else as_answer(reply)


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: ScriptedServer) -> None:
        super().__init__(address, _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    """Reads a request as the standard library does; what goes back is written by hand."""

    protocol_version = "HTTP/1.1"
    timeout = 30.0

    def do_GET(self) -> None:
        """Answer `/v1/models`."""
        self.close_connection = True
        owner = cast(_Tcp, self.server).owner
        rows = [{"id": name, "object": "model"} for name in owner.models]
        with suppress(OSError):
            self._wire(owner).document({"object": "list", "data": rows})

    def do_POST(self) -> None:
        """Answer a completion from the script."""
        self.close_connection = True
        owner = cast(_Tcp, self.server).owner
        # The client may be gone, which is what some scripts are about.
        with suppress(OSError):
            _reply(owner, self._wire(owner), self._asked())

    def _wire(self, owner: ScriptedServer) -> Wire:
        return Wire(self.connection, owner.stopping)

    def _asked(self) -> Asked:
        length = min(int(self.headers.get("Content-Length") or 0), _MOST)
        content, at = self.rfile.read(length), time.perf_counter()
        body: Any = json.loads(content or b"{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(path=self.path, headers=headers, body=body if isinstance(body, dict) else {}, at=at)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; `requests` has it all."""


def _reply(owner: ScriptedServer, wire: Wire, asked: Asked) -> None:
    answer = owner.answer(asked)
    if answer is None:
        wire.error(400, "The script has no further answer.", "script_exhausted")
    elif wire.pause(answer.wait):
        broken = BREAKING.get(answer.fault) if answer.fault else None
        (broken or send)(wire, answer, asked)
