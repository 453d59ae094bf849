"""Bare repositories served by git's own HTTP back end, with knobs for what can go wrong on the way."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class GitServer:
    """Serves `<directory>/<name>.git` at `url/<name>.git`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.asked: list[tuple[str, str, str | None]] = []
        """Method, path and `Authorization` of each request."""
        self.token = ""
        """Header that is wanted; empty wants none."""
        self.status = 0
        """What everything is answered with; 0 for an honest answer."""
        self.moved = ""
        """Where everything is redirected to."""
        self.holding = threading.Event()
        """Set while a pack is asked for and not sent."""
        self.hold = 0.0
        """Seconds that a pack is held back."""
        self.lose_pushes = False
        """Cut the connection when a push was taken."""
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def run(self) -> None:
        """Serve until stopped."""
        self._http.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Close the port."""
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def do_POST(self) -> None:
                server.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler

    def answer(self, http: BaseHTTPRequestHandler) -> None:
        """Answer one request by the CGI program of git."""
        header = http.headers.get("Authorization")
        path, _, query = http.path.partition("?")
        self.asked.append((http.command, path, header))
        given = http.rfile.read(int(http.headers.get("Content-Length") or 0))
        if self.moved:
            return _say(http, 302, location=f"{self.moved}{http.path}")
        if self.status or (self.token and header != self.token):
            return _say(http, self.status or 401)
        if http.command == "POST" and self.hold and b"done" in given:
            self.holding.set()
            time.sleep(self.hold)
        headers, _, body = self._backend(http, path, query, given).partition(b"\r\n\r\n")
        if self.lose_pushes and path.endswith("/git-receive-pack") and len(given) > 4:
            return http.wfile.close()
        lines = [line.decode().split(": ", 1) for line in headers.split(b"\r\n")]
        status = next((int(value[:3]) for name, value in lines if name == "Status"), 200)
        return _say(http, status, body, **{name: value for name, value in lines if name != "Status"})

    def _backend(self, http: BaseHTTPRequestHandler, path: str, query: str, given: bytes) -> bytes:
        environ = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.directory),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROTOCOL": http.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": http.headers.get("Content-Encoding", ""),
            "REQUEST_METHOD": http.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": http.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(given)),
            "REMOTE_USER": "somebody",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"], input=given, env=environ, capture_output=True, check=False
        )
        return done.stdout


def _say(http: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    http.send_response(status)
    for name, value in headers.items():
        http.send_header(name, value)
    http.send_header("Content-Length", str(len(body)))
    http.end_headers()
    http.wfile.write(body)


@contextmanager
def serving(directory: Path) -> Iterator[GitServer]:
    """Serve the bare repositories of a directory."""
    server = GitServer(directory)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
