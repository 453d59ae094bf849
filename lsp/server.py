"""The language server: one editor on standard input and output, thin in front of the daemon."""

import asyncio
import sys
from typing import BinaryIO

from lsprotocol.converters import get_converter
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer

import agent
from lsp.documents import Documents
from lsp.protocol import Protocol, messages


class RatchetServer(LanguageServer):
    """What the handlers share."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("ratchet", agent.__version__, protocol_cls=Protocol, converter_factory=get_converter)

    @property
    def documents(self) -> Documents:
        """Return the open documents."""
        return self.protocol.documents

    def serve(self, stdin: BinaryIO = sys.stdin.buffer, stdout: BinaryIO = sys.stdout.buffer) -> None:
        """Serve one editor until it ends; raises SystemExit with the status that LSP asks for."""
        self.protocol.set_writer(StdoutWriter(stdout))
        asyncio.run(self._serve(stdin.fileno()))
        # An editor that is gone without saying so.
        raise SystemExit(1)

    async def _serve(self, source: int) -> None:
        async for body in messages(source):
            self.protocol.take(body)
