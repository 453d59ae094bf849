"""What a user asks for; each begins a task and answers at once."""

from lsp.server import RatchetServer


def register(server: RatchetServer) -> None:
    """Take part in a server."""
