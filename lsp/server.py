"""The language server: one editor on standard input and output, thin in front of the daemon."""

import asyncio
import sys

from lsprotocol.converters import get_converter
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer

import agent
from lsp.protocol import Protocol, messages


class RatchetServer(LanguageServer):
    """What the handlers share."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("ratchet", agent.__version__, protocol_cls=Protocol, converter_factory=get_converter)

    def serve(self) -> None:
        """Serve one editor until it ends; raises SystemExit with the status that LSP asks for."""
        self.protocol.set_writer(StdoutWriter(sys.stdout.buffer))
        asyncio.run(self._serve(sys.stdin.fileno()))
        # An editor that is gone without saying so.
        raise SystemExit(1)

    async def _serve(self, source: int) -> None:
        async for body in messages(source):
            self.protocol.take(body)
