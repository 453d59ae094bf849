"""Tokens estimated from characters and bytes, on the high side; tokenizers differ from model to model."""

import json
import math

from agent.models.model import Message, Reply, Request, ToolSpec

_ASCII_PER_TOKEN = 3.2
"""English prose has more than 4, source code 3 to 4, JSON and diffs about 3."""
_BYTES_PER_TOKEN = 2.0
"""Of UTF-8 beyond ASCII: a Chinese character is three bytes and one to two tokens."""
_MESSAGE = 6
"""Role, separators and ids of one message."""


def of_text(text: str) -> int:
    """Return about how many tokens a text is."""
    if text.isascii():
        return math.ceil(len(text) / _ASCII_PER_TOKEN)
    plain = len(text.encode("ascii", "ignore"))
    other = len(text.encode("utf-8", "replace")) - plain
    return math.ceil(plain / _ASCII_PER_TOKEN + other / _BYTES_PER_TOKEN)


def of_message(message: Message) -> int:
    """Return about how many tokens a message is, its calls included."""
    calls = sum(of_text(call.name) + of_text(call.arguments) + _MESSAGE for call in message.calls)
    return of_text(message.text) + calls + _MESSAGE


def of_tools(tools: tuple[ToolSpec, ...]) -> int:
    """Return about how many tokens the descriptions of tools are."""
    texts = (spec.name + spec.description + json.dumps(dict(spec.parameters)) for spec in tools)
    return sum(of_text(text) + _MESSAGE for text in texts)


def of_request(request: Request) -> int:
    """Return about how many tokens a prompt is."""
    return sum(map(of_message, request.messages)) + of_tools(request.tools)


def of_reply(reply: Reply) -> int:
    """Return about how many tokens the visible part of an answer is."""
    return of_text(reply.text) + sum(of_text(call.name + call.arguments) for call in reply.calls)
