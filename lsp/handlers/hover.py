"""Where a line comes from: task, tests, cost."""

from lsp.server import RatchetServer


def register(server: RatchetServer) -> None:
    """Take part in a server."""
