"""The swap point between language models: one request, one answer or one typed fault."""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from agent.protocol.model import ModelProfile


class Speaker(StrEnum):
    """Who a message is from."""

    SYSTEM = "system"
    USER = "user"
    MODEL = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A complete tool call; `arguments` is JSON as the model wrote it, an object or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    speaker: Speaker
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    """Of a model's message."""
    call_id: str = ""
    """Of a tool's message: the call it answers."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; the order of the messages is kept so that an endpoint's cache can help."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_output: int | None = None
    """Tokens; None means the profile's."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or several calls; `estimated` when the endpoint did not say."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """Part of `input` that the endpoint had in its cache."""
    estimated: bool = False


class Finish(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    TOOLS = "tools"
    LENGTH = "length"
    """Cut off: `calls` holds only the complete ones, and none whose arguments were cut."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete answer."""

    text: str
    calls: tuple[ToolCall, ...]
    usage: Usage
    finish: Finish
    attempts: int = 1
    seconds: float = 0.0
    cost_usd: float = 0.0
    """Of all attempts, as far as the endpoint said or as estimated."""


OnText = Callable[[str], None]


def unheard(_: str) -> None:
    """Ignore a piece of text."""


def unseen() -> None:
    """Ignore that an answer begins."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Who hears the answer while it comes, and who may end it."""

    on_text: OnText = unheard
    cancel: threading.Event = field(default_factory=threading.Event)
    on_retry: OnText = unheard
    """Hears in one sentence why the request is sent again; the text heard so far is void."""
    deadline: float = math.inf
    """`time.monotonic()` at which the answer must be there; the profile's limits hold besides."""
    on_answer: Callable[[], None] = unseen
    """Hears that the answer begins to come, from a thread of its own, before any text of it is heard."""


class Model(Protocol):
    """Answers requests; safe from several threads."""

    @property
    def profile(self) -> ModelProfile:
        """Return what the user said about the model."""

    def complete(self, request: Request, listening: Listening) -> Reply:
        """Return one answer; raises ModelFault, Interrupted. A partial tool call is never returned."""
