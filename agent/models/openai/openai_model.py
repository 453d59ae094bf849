"""A model behind any endpoint that speaks OpenAI's protocol, asked once."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, Protocol

from agent.models.faults import ModelFault
from agent.models.model import Listening, Reply, Request, Usage
from agent.models.openai import chat, responses
from agent.models.openai.answer import Answer
from agent.models.openai.errors import fault_of, without_key
from agent.models.openai.line import FORESEEN, Call, Document, Line, Patience
from agent.protocol.model import Api, ModelProfile

FindKey = Callable[[ModelProfile], str]


class _Speech(Protocol):
    """How one API is spoken; both of its modules are one."""

    PATH: str

    def body(self, request: Request, profile: ModelProfile) -> dict[str, Any]: ...

    def hear(self, answer: Answer, document: object, *, whole: bool) -> bool: ...


class OpenAIModel:
    """Sends a request as it is and returns the answer; `usage` is what the endpoint states, unchecked.

    A stated number that is missing is -1. Raises ModelFault and Interrupted; retries nothing.
    """

    def __init__(self, profile: ModelProfile, find_key: FindKey) -> None:
        self._profile = profile
        self._find_key = find_key

    @property
    def profile(self) -> ModelProfile:
        """Return what the user said about the model."""
        return self._profile

    def complete(self, request: Request, listening: Listening) -> Reply:
        """Ask once."""
        speech = _SPEECHES[self._profile.api]
        key = self._find_key(self._profile)
        started = time.monotonic()
        answer = Answer(listening.on_text)
        try:
            self._hear(speech, request, answer, key, listening)
            taken = (call.id for message in request.messages for call in message.calls)
            text, calls, finish = answer.complete(taken)
        except ModelFault as fault:
            fault.heard = answer.heard
            raise without_key(fault, key) from None
        stated = answer.usage or Usage(-1, -1)
        return Reply(text, calls, stated, finish, seconds=time.monotonic() - started)

    def _hear(
        self, speech: _Speech, request: Request, answer: Answer, key: str, listening: Listening
    ) -> None:
        profile = self._profile
        body = _sendable(speech.body(request, profile))
        call = Call(profile.base_url, speech.PATH, body, key, profile.stream, profile.is_remote)
        line = Line(call, listening.on_answer)
        documents = line.documents(_patience(profile, listening), listening.cancel)
        with closing(documents):
            while (document := _next(documents, line)) is not None:
                if speech.hear(answer, document.content, whole=document.whole):
                    return


def _sendable(value: Any) -> Any:
    """Return JSON whose texts are UTF-8: bytes of a file that are not came as lone surrogates."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {key: _sendable(inner) for key, inner in value.items()}
    return [_sendable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _next(documents: Iterator[Document], line: Line) -> Document | None:
    """Return the next document; what the exchange raises becomes a fault."""
    try:
        return next(documents, None)
    except FORESEEN as error:
        raise fault_of(error, connected=line.connected, answered=line.answered) from None


def _patience(profile: ModelProfile, listening: Listening) -> Patience:
    end = min(time.monotonic() + profile.total_seconds, listening.deadline)
    if profile.stream:
        return Patience(profile.first_byte_seconds, profile.idle_seconds, end)
    # What is not streamed comes when all of it is there.
    return Patience(profile.total_seconds, profile.total_seconds, end)


_SPEECHES: dict[Api, _Speech] = {Api.CHAT: chat, Api.RESPONSES: responses}
