"""The TUI in a browser: one app process per page, on loopback, for whoever has the address with the token."""

import secrets
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

_LOOPBACK = "127.0.0.1"
_TOKEN_BYTES = 24
_HEADERS = {
    "Content-Security-Policy": "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' ws://127.0.0.1:*; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class WebServer(Server):
    """Listens from the moment it is made, so that `address` can be told before it serves."""

    def __init__(self, arguments: Sequence[str], *, port: int = 0, token: str | None = None) -> None:
        """Take the command that shows the app; port 0 means any that is free. Raises OSError."""
        self._socket = socket.create_server((_LOOPBACK, port))
        self._token = token or secrets.token_urlsafe(_TOKEN_BYTES)
        super().__init__(
            shlex.join(arguments),
            host=_LOOPBACK,
            port=self._socket.getsockname()[1],
            title="Ratchet",
            templates_path=Path(__file__).parent,
        )

    @property
    def address(self) -> str:
        """Return what to open in a browser; whoever knows it can do what the user can."""
        return f"{self.public_url}/{self._token}/"

    def serve(self, debug: bool = False) -> None:
        """Serve until interrupted."""
        web.run_app(self.application(), sock=self._socket, print=None)

    async def application(self) -> web.Application:
        """Return what answers: everything lies below the token."""
        outer = web.Application(middlewares=[self._guard()])
        outer.add_subapp(f"/{self._token}", await self._make_app())
        return outer

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command line tells the address."""

    def _guard(self) -> Middleware:
        hosts = {f"{name}:{self.port}" for name in (_LOOPBACK, "localhost")}
        origins = {f"http://{host}" for host in hosts}

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            # Neither a name that another site gave to this machine nor a page of another site may come in.
            if request.host not in hosts or request.headers.get("Origin") not in {None, *origins}:
                raise web.HTTPForbidden(text="open the address that `ratchet tui --web` printed")
            if not secrets.compare_digest(request.path.split("/")[1], self._token):
                raise web.HTTPForbidden(text="open the address that `ratchet tui --web` printed")
            response = await handler(request)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return guard


def app_command(*options: str) -> list[str]:
    """Return the command of the app that each page gets."""
    return [sys.executable, "-P", "-m", "agent", "tui", *options]
