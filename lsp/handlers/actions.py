"""What can be done about a place, listed without asking anybody."""

from lsp.server import RatchetServer


def register(server: RatchetServer) -> None:
    """Take part in a server."""
