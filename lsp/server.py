"""The language server: one editor on standard input and output, thin in front of the daemon."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer

import agent
from agent.client.client import Client
from agent.protocol.errors import RatchetError
from lsp.abilities import Abilities
from lsp.applying.applied import Applied
from lsp.begun import Begun
from lsp.feed import Feed
from lsp.folders import Folders
from lsp.protocol import Protocol, messages
from lsp.settings import Settings


class RatchetServer(LanguageServer):
    """What the handlers share; `handlers/` says what is done with it."""

    protocol: Protocol

    def __init__(self, client: Client) -> None:
        super().__init__("ratchet", agent.__version__, protocol_cls=Protocol, converter_factory=get_converter)
        self.client = client
        self.feed = Feed(client)
        self.begun = Begun()
        self.abilities = Abilities()
        self.settings = Settings()
        self.folders = Folders()
        self.applied: dict[str, Applied] = {}
        self._background: set[asyncio.Task[None]] = set()

    def serve(self) -> None:
        """Serve one editor until it ends; raises SystemExit with the status that LSP asks for."""
        self.protocol.set_writer(StdoutWriter(sys.stdout.buffer))
        asyncio.run(self._serve(sys.stdin.fileno()))
        # An editor that is gone without saying so.
        raise SystemExit(1)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something in the background; what goes wrong in it is shown to the user."""
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def tell(self, sentence: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user one sentence."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=sentence))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except RatchetError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self.tell(f"{error.message}{hint}", types.MessageType.Error)

    async def _serve(self, source: int) -> None:
        async with self.client:
            async for body in messages(source):
                self.protocol.take(body)
