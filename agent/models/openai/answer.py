"""An answer as it is put together from what an endpoint sends; untyped JSON is checked here."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.models.faults import FaultKind, ModelFault
from agent.models.model import Finish, OnText, ToolCall, Usage
from agent.models.openai.errors import malformed

MOST = 8 * 1024**2
"""Characters of text and arguments in one answer."""


@dataclass(slots=True)
class Spoken:
    """A tool call while it comes in."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Answer:
    """What came so far."""

    on_text: OnText
    text: list[str] = field(default_factory=list)
    calls: list[Spoken] = field(default_factory=list)
    refusal: str = ""
    finish: Finish | None = None
    usage: Usage | None = None
    heard: int = 0

    def say(self, text: str) -> None:
        """Take in a piece of text."""
        if text:
            self.count(text)
            self.text.append(text)
            self.on_text(text)

    def count(self, text: str) -> None:
        """Count characters of any part of the answer; raises ModelFault when there are too many."""
        self.heard += len(text)
        if self.heard > MOST:
            raise malformed(f"it is longer than {MOST // 1024**2} Mi characters")

    def complete(self, taken: Iterable[str]) -> tuple[str, tuple[ToolCall, ...], Finish]:
        """Return text, complete calls and the finish; raises ModelFault where there is no complete answer.

        `taken` are ids of earlier calls; a call gets one of its own if its id is missing or not new.
        """
        if self.refusal:
            raise ModelFault(FaultKind.REFUSED, f"The model declined: {self.refusal[:300]}", billable=True)
        if self.finish is None:
            raise ModelFault(FaultKind.DROPPED, "The model's answer ended in its middle.", billable=True)
        text = "".join(self.text)
        calls = _named(self._whole_calls(), taken)
        if not text.strip() and not calls and self.finish is not Finish.LENGTH:
            raise malformed("it is empty")
        finish = Finish.TOOLS if calls and self.finish is Finish.STOP else self.finish
        return text, calls, Finish.STOP if finish is Finish.TOOLS and not calls else finish

    def _whole_calls(self) -> list[Spoken]:
        whole = []
        for call in self.calls:
            # Endpoints write "no arguments" as nothing at all.
            call.arguments = call.arguments.strip() or "{}"
            if not call.name:
                raise malformed("a tool call has no name")
            if not is_cut(call.arguments):
                whole.append(call)
            elif self.finish is not Finish.LENGTH:
                raise malformed(f"the arguments of a call of {call.name[:60]!r} end in their middle")
        return whole


def is_cut(arguments: str) -> bool:
    """Say whether arguments are a beginning of JSON; wrong JSON that is complete is the tool's to refuse."""
    try:
        json.loads(arguments)
    except json.JSONDecodeError as error:
        return error.pos >= len(arguments.rstrip()) or error.msg.startswith("Unterminated")
    except RecursionError:
        raise malformed("the arguments of a call are nested too deeply") from None
    return False


def _named(calls: list[Spoken], taken: Iterable[str]) -> tuple[ToolCall, ...]:
    known = set(taken)
    named = []
    for n, call in enumerate(calls):
        stem = call.id or f"call_{n}"
        name, copy = stem, 2
        while name in known:
            name, copy = f"{stem}_{copy}", copy + 1
        known.add(name)
        named.append(ToolCall(id=name, name=call.name, arguments=call.arguments))
    return tuple(named)


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """Return a JSON object; raises ModelFault when it is something else."""
    if not isinstance(value, Mapping):
        raise malformed(f"{what} is not an object")
    return value


def entries(value: object, what: str) -> list[Any]:
    """Return a JSON array, an absent one being empty; raises ModelFault when it is something else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise malformed(f"{what} is not a list")
    return value


def text_of(value: object, what: str) -> str:
    """Return a JSON string, an absent one being empty; raises ModelFault when it is something else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise malformed(f"{what} is not text")
    return value


def arguments_of(value: object) -> str:
    """Return arguments as text; some endpoints send the object itself."""
    return json.dumps(value) if isinstance(value, Mapping) else text_of(value, "what a call is made with")


def tokens(value: object) -> int:
    """Return a stated number of tokens, -1 when none is stated."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
