"""An HTTP server that answers as a test says, for what the fake forge would never do."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from agent.sections import BotConfig


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Said:
    """An answer; pieces of a body are sent one by one."""

    status: int = 200
    value: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Iterable[bytes] | None = None


@dataclass
class Server:
    """A running server and what it was asked."""

    url: str
    asked: list[Asked]

    def config(self, **more: object) -> BotConfig:
        """Return the configuration of a bot there."""
        return BotConfig.model_validate({"api": self.url, "web": self.url, "token": "env:A_TOKEN", **more})


@contextmanager
def answering(answer: Callable[[Asked], Said]) -> Iterator[Server]:
    """Serve what `answer` says."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            asked.append(Asked(self.command, self.path, headers, body))
            with suppress(ConnectionError):
                _send(self, answer(asked[-1]))

        do_GET = do_POST = do_PATCH = do

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{http.server_port}", asked)
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _send(http: BaseHTTPRequestHandler, said: Said) -> None:
    http.send_response(said.status)
    for name, value in said.headers.items():
        http.send_header(name, value)
    pieces = said.pieces
    if pieces is None:
        pieces = [json.dumps(said.value).encode()]
    http.end_headers()
    for piece in pieces:
        http.wfile.write(piece)
        http.wfile.flush()
