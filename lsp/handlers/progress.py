"""How a task goes, in the editor's own progress, which can cancel it."""

from lsp.server import RatchetServer


def register(server: RatchetServer) -> None:
    """Take part in a server."""
