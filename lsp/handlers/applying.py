"""The patch of a task, merged into the editor's buffers."""

from lsp.server import RatchetServer


def register(server: RatchetServer) -> None:
    """Take part in a server."""
