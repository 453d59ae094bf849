"""The protocol layer of pygls, with what clients can break taken out of it."""

import contextvars
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcRequestCancelled
from pygls.lsp.server import LanguageServer
from pygls.protocol.json_rpc import JsonRPCResponseMessage
from pygls.protocol.language_server import lsp_method

from agent.protocol.errors import RatchetError
from lsp.text.document import Change, Encoding, Place
from lsp.text.documents import Documents
from lsp.wire.encoding import Json, encoded
from lsp.wire.failing import failure, sentence
from lsp.wire.greeted import GreetedProtocol
from lsp.wire.incoming import INVALID_REQUEST, METHOD_NOT_FOUND, NOT_INITIALIZED, Incoming, Kind, understand

MsgId = int | str
_NOWHERE = Place(-1, -1)


class Protocol(GreetedProtocol):
    """Keeps documents itself: pygls cuts lines where `str.splitlines` does and applies reversed ranges.

    `decode` and `encode` may run in other threads; everything else belongs to the event loop.
    """

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.documents = Documents(self.tell)
        self._send: Callable[[Any], None] = _into_the_void
        self._asked: dict[MsgId, Future[Any]] = {}

    def tell(self, sentence: str) -> None:
        """Show the user one sentence."""
        shown = types.ShowMessageParams(type=types.MessageType.Warning, message=sentence)
        self.notify(types.WINDOW_SHOW_MESSAGE, shown)

    def sends(self, send: Callable[[Any], None]) -> None:
        """Say who takes the messages for the editor; `encode` makes bytes of them."""
        self._send = send

    def encode(self, message: Any) -> bytes:
        """Return a message as it is sent; nothing for one that cannot be."""
        return encoded(message, self._converter)

    def decode(self, body: bytes) -> Incoming:
        """Return the message in a body; raises nothing."""
        incoming = understand(body, self.structure_message)
        if incoming.method == types.TEXT_DOCUMENT_DID_OPEN and incoming.typed is not None:
            self.documents.preparations.prepare(incoming.typed.params.text_document.text)
        return incoming

    def take(self, body: bytes) -> None:
        """Handle what is in a body."""
        self.handle(self.decode(body))

    def handle(self, incoming: Incoming) -> None:
        """Handle one message; whatever is wrong with it is answered and outlived."""
        if incoming.method == types.EXIT:
            raise SystemExit(0 if self._shutdown else 1)
        if incoming.kind is Kind.RESPONSE:
            self._hear(incoming)
            return
        code, reason = self._why_not(incoming)
        if reason:
            self._refuse(incoming, code, reason)
        elif incoming.kind is Kind.REQUEST:
            message = incoming.typed
            self._apart(self._handle_request, message.id, message.method, message.params)
        else:
            self._apart(self._handle_notification, incoming.typed.method, incoming.typed.params)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """End what is under way; pygls counts what it is taking away."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None
        current = self.msg_id
        for msg_id, future in list(self._request_futures.items()):
            if msg_id != current:
                future.cancel()
        for future in self._asked.values():
            future.cancel()
        self._shutdown = True

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

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        """Return the type of a message; pygls keeps every name that it was ever asked."""
        found: type[Any] | None = types.METHOD_TO_TYPES.get(method, (None,))[0]
        return found

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: MsgId | None = None,
    ) -> Future[Any]:
        """Ask the editor; its requests and ours are kept apart, whatever ids it chooses."""
        msg_id = msg_id or str(uuid.uuid4())
        future = super().send_request(method, params, callback, msg_id)
        self._asked[msg_id] = future
        self._request_futures.pop(msg_id, None)
        return future

    def _why_not(self, incoming: Incoming) -> tuple[int, str]:
        """Return why a message is not handled; no reason when it is."""
        begins = incoming.method == types.INITIALIZE
        if incoming.code == INVALID_REQUEST or incoming.kind is Kind.NOTHING:
            return incoming.code, incoming.reason
        if self._shutdown:
            return INVALID_REQUEST, "the server was told to shut down"
        if begins and self._workspace is not None:
            return INVALID_REQUEST, "the server is initialized already"
        if not begins and self._workspace is None:
            return NOT_INITIALIZED, "the server is not initialized"
        if not self._knows(incoming.method):
            return METHOD_NOT_FOUND, f"there is no method {incoming.method[:100]}"
        if incoming.typed is not None and hasattr(incoming.typed, "id") != (incoming.kind is Kind.REQUEST):
            return INVALID_REQUEST, f"{incoming.method[:100]} is no {incoming.kind.value}"
        return incoming.code, incoming.reason

    def _knows(self, method: str) -> bool:
        return (
            method in self.fm.builtin_features or method in self.fm.features or method == types.CANCEL_REQUEST
        )

    def _refuse(self, incoming: Incoming, code: int, reason: str) -> None:
        if incoming.kind is not Kind.NOTIFICATION:
            error = {"code": code, "message": reason}
            self._send_data({"jsonrpc": "2.0", "id": incoming.id, "error": error})
        elif incoming.method == types.TEXT_DOCUMENT_DID_CHANGE and self._workspace is not None:
            # An edit that we did not understand: the text is not the editor's any more.
            self.documents.change(incoming.uri, 0, [Change("", _NOWHERE, _NOWHERE)])

    def _hear(self, incoming: Incoming) -> None:
        """Give an answer to whoever asked."""
        future = self._asked.pop(incoming.id or 0, None)
        if future is None or not future.set_running_or_notify_cancel():
            return
        error = getattr(incoming.typed, "error", None)
        if incoming.typed is None:
            future.set_exception(JsonRpcException(incoming.reason, incoming.code))
        elif error is not None:
            future.set_exception(JsonRpcException.from_error(error))
        else:
            future.set_result(getattr(incoming.typed, "result", None))

    def _apart(self, run: Callable[..., None], *args: Any) -> None:
        """Run with a context of its own, where pygls notes which request is being handled."""
        contextvars.copy_context().run(run, *args)

    def _handle_cancel_notification(self, msg_id: MsgId) -> None:
        # The type of this id is the one that nothing checks.
        future = self._request_futures.pop(msg_id, None) if isinstance(msg_id, int | str) else None
        if future is not None:
            future.cancel()

    def _execute_handler(
        self,
        msg_id: MsgId,
        handler: Callable[..., Any],
        callback: Callable[[Future[Any]], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Run a handler; it leaves nothing behind, and a cancelled command ends what runs for it."""
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        inner = self._request_futures.get(msg_id)
        if inner is None:
            return
        inner.add_done_callback(lambda _: self._request_futures.pop(msg_id, None))
        outer = self._request_futures.get(self.msg_id or 0)
        if outer is not None and outer is not inner:
            outer.add_done_callback(lambda done: inner.cancel() if done.cancelled() else None)

    def _send_handler_result(self, future: Future[Any], *, msg_id: MsgId) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._send_response(msg_id, error=failure(JsonRpcRequestCancelled("cancelled")))
        elif (error := future.exception()) is not None:
            self._send_response(msg_id, error=failure(error))
        else:
            self._send_response(msg_id, future.result())

    def _check_handler_result(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, RatchetError):
            self.tell(sentence(error))
        elif error is not None:
            log = types.LogMessageParams(type=types.MessageType.Error, message=sentence(error))
            self.notify(types.WINDOW_LOG_MESSAGE, log)

    def _send_response(
        self, msg_id: MsgId, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        if error is not None:
            # pygls puts a traceback with the paths of this machine there.
            plain = types.ResponseError(code=error.code, message=error.message)
            self._send_data(types.ResponseErrorMessage(id=msg_id, error=plain))
        elif isinstance(result, Json):
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": result.value})
        else:
            self._send_data(JsonRPCResponseMessage(id=msg_id, jsonrpc=self.VERSION, result=result))

    def _send_data(self, data: Any) -> None:
        self._send(data)


def _into_the_void(message: Any) -> None:
    """Take messages while nobody listens."""


def _change(one: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(one, types.TextDocumentContentChangeWholeDocument):
        return Change(one.text)
    start, end = one.range.start, one.range.end
    return Change(one.text, Place(start.line, start.character), Place(end.line, end.character))
