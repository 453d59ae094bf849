"""How an answer goes out when nothing goes wrong, and up to where something does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.models.server import chat, responses
from agent.models.server.script import Answer, Asked, Call, Fault
from agent.models.server.wire import Wire, lines

EVENTS = "text/event-stream"


def shaped(answer: Answer) -> Answer:
    """Return the answer with what its fault does to its content."""
    first = answer.calls[0] if answer.calls else Call("read", {"path": "a.py"})
    if answer.fault is Fault.EMPTY:
        return replace(answer, text="", calls=())
    if answer.fault is Fault.UNKNOWN_TOOL:
        return replace(answer, calls=(replace(first, name="no_such_tool"),))
    if answer.fault is Fault.WRONG_ARGUMENTS:
        return replace(answer, calls=(replace(first, arguments="[1, null]"),))
    if answer.fault is Fault.TRUNCATED_ARGUMENTS:
        return replace(answer, calls=(replace(first, arguments='{"path": "a.p'),))
    if answer.fault in (Fault.DUPLICATE_IDS, Fault.MISSING_IDS):
        return replace(answer, calls=(first, first))
    if answer.fault in (Fault.REFUSAL, Fault.NO_CHOICES):
        return replace(answer, calls=())
    return answer


def document(answer: Answer, asked: Asked) -> dict[str, Any]:
    """Return the whole answer as JSON."""
    word = chat.document if asked.is_chat else responses.document
    return word(shaped(answer), asked)


def stream(answer: Answer, asked: Asked) -> list[bytes]:
    """Return the streamed answer, an event each."""
    word = chat.events if asked.is_chat else responses.events
    events: list[Mapping[str, Any]] = list(word(shaped(answer), asked))
    return lines(events, done=asked.is_chat and answer.fault is not Fault.NO_DONE)


def send(wire: Wire, answer: Answer, asked: Asked) -> None:
    """Send a complete answer, or as many bytes of its body as it says."""
    if answer.cut is not None:
        body = b"".join(stream(answer, asked))
        wire.head(kind=EVENTS)
        wire.send(body[: answer.cut])
    elif asked.stream and answer.fault is not Fault.PLAIN_JSON:
        wire.head(kind=EVENTS, chunked=True)
        for event in stream(answer, asked):
            wire.send(event)
        wire.end()
    else:
        wire.document(document(answer, asked))


def begin(wire: Wire, answer: Answer, asked: Asked, *, chunked: bool = False) -> None:
    """Send the first half of an answer."""
    if asked.stream:
        events = stream(answer, asked)
        wire.head(kind=EVENTS, chunked=chunked)
        for event in events[: max(1, len(events) // 2)]:
            wire.send(event)
    else:
        body = document(answer, asked)
        wire.head(chunked=chunked)
        data = repr(body).replace("'", '"').encode()
        wire.send(data[: len(data) // 2])
