"""All handlers, put together."""

from agent.client.client import Client
from lsp.handlers import (
    actions,
    applying,
    approvals,
    commands,
    diagnostics,
    hover,
    lens,
    lifecycle,
    navigation,
    progress,
)
from lsp.server import RatchetServer

_ALL = (
    lifecycle,
    diagnostics,
    actions,
    lens,
    hover,
    commands,
    progress,
    approvals,
    applying,
    navigation,
)


def server_for(client: Client) -> RatchetServer:
    """Return a server that can do everything."""
    server = RatchetServer(client)
    for handlers in _ALL:
        handlers.register(server)
    return server
