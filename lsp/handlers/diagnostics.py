"""Failing tests, suspicious lines and what a change broke, pushed or pulled."""

from lsp.server import RatchetServer


def register(server: RatchetServer) -> None:
    """Take part in a server."""
