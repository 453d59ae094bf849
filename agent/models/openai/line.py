"""One exchange through the SDK, on a thread of its own that can be cut off at any moment."""

import functools
import json
import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from openai import RequestOptions

from agent.models.faults import FaultKind, ModelFault
from agent.models.model import unseen
from agent.models.openai.guard import Guarded
from agent.protocol.errors import Interrupted

_TICK = 0.05
"""Seconds between two looks at the clock and at the caller's wish to end."""
_CONNECT = 15.0
FORESEEN = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, OSError, ValueError, RecursionError)
"""What a hostile or broken answer makes the SDK raise; anything else is a fault of ours."""


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """Where a request goes; never shown, for it holds the key."""

    base_url: str
    path: str
    body: Mapping[str, Any] | None
    """None asks with GET."""
    key: str
    stream: bool
    proxied: bool
    """False for this machine itself, which no proxy of the environment stands before."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until the first byte and between two bytes; `end` by `time.monotonic()`."""

    first_byte: float
    idle: float
    end: float


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON document of an answer: all of it, or one event of its stream."""

    content: object
    whole: bool


@dataclass(frozen=True, slots=True)
class _Broken:
    error: BaseException


class Line:
    """Asks once and yields what comes; `connected` and `answered` say how far it got."""

    def __init__(self, call: Call, on_answer: Callable[[], None] = unseen) -> None:
        """Tell `on_answer`, on the thread of the exchange, when the first document is there."""
        self._call = call
        self._on_answer = on_answer
        self._heard: queue.Queue[Document | _Broken | None] = queue.Queue(maxsize=256)
        self._socket: socket.socket | None = None
        self._cut = threading.Event()
        self._sent: float | None = None
        self._last: float | None = None
        self.answered = False

    @property
    def connected(self) -> bool:
        """Say whether a connection was made."""
        return self._socket is not None

    def documents(self, patience: Patience, cancel: threading.Event) -> Generator[Document, None, None]:
        """Yield the answer; raises what the SDK raises, ModelFault on a timeout, and Interrupted."""
        threading.Thread(target=self._talk, name="model", daemon=True).start()
        try:
            while (heard := self._next(patience, cancel)) is not None:
                if isinstance(heard, _Broken):
                    raise heard.error
                yield heard
        finally:
            self._hang_up()

    def _next(self, patience: Patience, cancel: threading.Event) -> Document | _Broken | None:
        while True:
            if cancel.is_set():
                raise Interrupted("The request to the model was cancelled.")
            now = time.monotonic()
            if now >= patience.end:
                raise _too_slow("did not end in time", billable=self.connected)
            try:
                return self._heard.get(timeout=min(_TICK, patience.end - now))
            except queue.Empty:
                self._look_at_the_clock(patience)

    def _look_at_the_clock(self, patience: Patience) -> None:
        now, sent, last = time.monotonic(), self._sent, self._last
        if last is None and sent is not None and now - sent > patience.first_byte:
            raise _too_slow(f"did not begin within {patience.first_byte:g} s", billable=self.connected)
        if last is not None and now - last > patience.idle:
            raise _too_slow(f"paused for more than {patience.idle:g} s", billable=True)

    def _hang_up(self) -> None:
        """End the exchange whatever it waits for; the thread goes by itself, its socket being dead."""
        self._cut.set()
        if self._socket is not None:
            # Not through the TLS layer, whose state belongs to the other thread.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    # What follows runs on the thread.

    def _talk(self) -> None:
        try:
            for number, document in enumerate(self._exchange()):
                if not number:
                    self._on_answer()
                self._put(document)
            self._put(None)
        except FORESEEN as error:
            self._put(_Broken(error))
        except BaseException as error:
            self._put(_Broken(error))
            raise

    def _put(self, item: Document | _Broken | None) -> None:
        while not self._cut.is_set():
            with suppress(queue.Full):
                self._heard.put(item, timeout=_TICK)
                return

    def _exchange(self) -> Iterator[Document]:
        call = self._call
        options = RequestOptions(headers=self._headers())
        with self._client() as client:
            if call.body is None:
                yield _whole(client.get(call.path, cast_to=object, options=options))
                return
            if not call.stream:
                yield _whole(client.post(call.path, body=call.body, cast_to=object, options=options))
                return
            with client.post(
                call.path,
                body=call.body,
                cast_to=object,
                options=options,
                stream=True,
                stream_cls=openai.Stream[object],
            ) as stream:
                yield from _events(stream)

    def _headers(self) -> dict[str, Any]:
        # The environment's OPENAI_* are about another endpoint than the profile's.
        silenced = {name: openai.Omit() for name in _headers_of_the_environment()}
        if not self._call.key:
            silenced["Authorization"] = openai.Omit()
        return {"Accept-Encoding": "identity", **silenced}

    def _client(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self._call.key or "none",
            base_url=self._call.base_url,
            max_retries=0,
            http_client=self._http(),
        )

    def _http(self) -> httpx2.Client:
        encrypted = self._call.base_url.lower().startswith("https:")
        return openai.DefaultHttpx2Client(
            verify=_trust(*_certificates()) if encrypted else False,
            # What was meant for one host is not taken to another.
            follow_redirects=False,
            trust_env=self._call.proxied,
            timeout=httpx2.Timeout(None, connect=_CONNECT),
            event_hooks={"request": [self._on_request], "response": [self._on_response]},
        )

    def _on_request(self, request: httpx2.Request) -> None:
        # Not before: the SDK takes its time to be imported.
        self._sent = time.monotonic()
        request.extensions = {**request.extensions, "trace": self._on_trace}

    def _on_trace(self, event: str, facts: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = facts["return_value"].get_extra_info("socket")
            if self._cut.is_set():
                self._hang_up()

    def _on_response(self, response: httpx2.Response) -> None:
        self.answered = True
        response.stream = Guarded(response, self._on_bytes)

    def _on_bytes(self) -> None:
        self._last = time.monotonic()


def _certificates() -> tuple[str, str]:
    return os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")


def _headers_of_the_environment() -> list[str]:
    lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").splitlines()
    return [
        "OpenAI-Organization",
        "OpenAI-Project",
        *(line.partition(":")[0] for line in lines if ":" in line),
    ]


def _too_slow(what: str, *, billable: bool) -> ModelFault:
    return ModelFault(
        FaultKind.TIMEOUT,
        f"The model's answer {what}.",
        hint="first_byte_seconds, idle_seconds and total_seconds of the profile are the limits",
        billable=billable,
    )


def _whole(answer: object) -> Document:
    # The SDK leaves an answer of another content type as text.
    return Document(json.loads(answer) if isinstance(answer, str) else answer, whole=True)


def _events(stream: openai.Stream[object]) -> Iterator[Document]:
    kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        raise ValueError("a web page came instead of an answer")
    if kind.endswith("json"):
        yield _whole(json.loads(stream.response.read()))
        return
    for event in stream:
        yield Document(event, whole=False)


@functools.lru_cache(maxsize=4)
def _trust(_file: str, _folder: str) -> ssl.SSLContext:
    # A context takes 50 ms to make.
    return ssl.create_default_context()
