"""The protocol layer of pygls, with what clients can break taken out of it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from lsp.document import Change, Encoding, Place
from lsp.documents import Documents
from lsp.framing import Framing, Garbage

_PIECE = 1 << 16
_PARSE_ERROR = -32700


class Protocol(LanguageServerProtocol):
    """Keeps documents itself: pygls cuts lines where `str.splitlines` does and applies reversed ranges."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.documents = Documents(self.tell)

    def tell(self, sentence: str) -> None:
        """Show the user one sentence."""
        shown = types.ShowMessageParams(type=types.MessageType.Warning, message=sentence)
        self.notify(types.WINDOW_SHOW_MESSAGE, shown)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take a document over."""
        opened = params.text_document
        encoding = Encoding(self.workspace.position_encoding or types.PositionEncodingKind.Utf16)
        self.documents.open(opened.uri, opened.version, opened.text, encoding)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply edits."""
        changed = params.text_document
        changes = [_change(one) for one in params.content_changes]
        self.documents.change(changed.uri, changed.version, changes)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Give a document back."""
        self.documents.close(params.text_document.uri)

    def _send_response(
        self, msg_id: str | int, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        if error is not None:
            # pygls puts a traceback with the paths of this machine there.
            error = types.ResponseError(code=error.code, message=error.message)
        super()._send_response(msg_id, result, error)

    def take(self, body: bytes) -> None:
        """Handle one message; whatever is wrong with it is answered and outlived."""
        try:
            data = json.loads(body)
            if not isinstance(data, dict):
                raise ValueError("a message is an object")
        except (ValueError, RecursionError) as error:
            self._refuse(None, _PARSE_ERROR, f"this is no message: {error}")
            return
        try:
            self.handle_message(self.structure_message(data))
        except JsonRpcException as error:
            self._refuse(data.get("id"), error.code, error.message or "the parameters are not understood")

    def _refuse(self, msg_id: object, code: int, reason: str) -> None:
        known = msg_id if isinstance(msg_id, str | int) and not isinstance(msg_id, bool) else None
        self._send_data({"jsonrpc": "2.0", "id": known, "error": {"code": code, "message": reason[:500]}})


def _change(one: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(one, types.TextDocumentContentChangeWholeDocument):
        return Change(one.text)
    start, end = one.range.start, one.range.end
    return Change(one.text, Place(start.line, start.character), Place(end.line, end.character))


async def messages(source: int) -> AsyncIterator[bytes]:
    """Yield the bodies of messages that come in on a file descriptor, until its end."""
    framing, loop = Framing(), asyncio.get_running_loop()
    while piece := await loop.run_in_executor(None, os.read, source, _PIECE):
        for found in framing.feed(piece):
            if not isinstance(found, Garbage):
                yield found
