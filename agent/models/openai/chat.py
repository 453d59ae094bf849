"""Requests and answers in the words of Chat Completions."""

from collections.abc import Mapping
from typing import Any

from agent.models.model import Finish, Message, Request, Speaker, ToolSpec, Usage
from agent.models.openai.answer import Answer, Spoken, arguments_of, entries, mapping, text_of, tokens
from agent.models.openai.errors import malformed, said
from agent.protocol.model import ModelProfile

PATH = "/chat/completions"
_FINISHES = {"length": Finish.LENGTH, "tool_calls": Finish.TOOLS, "function_call": Finish.TOOLS}
_MOST_CALLS = 128


def body(request: Request, profile: ModelProfile) -> dict[str, Any]:
    """Return the JSON of a request."""
    document: dict[str, Any] = {
        "model": profile.model,
        "messages": [_message(message) for message in request.messages],
        profile.output_field.value: request.max_output or profile.max_output,
    }
    if request.tools:
        document["tools"] = [_tool(spec) for spec in request.tools]
    if profile.temperature is not None:
        document["temperature"] = profile.temperature
    if profile.stream:
        document["stream"] = True
        if profile.stream_usage:
            document["stream_options"] = {"include_usage": True}
    return document


def _tool(spec: ToolSpec) -> dict[str, Any]:
    function = {"name": spec.name, "description": spec.description, "parameters": dict(spec.parameters)}
    return {"type": "function", "function": function}


def _message(message: Message) -> dict[str, Any]:
    if message.speaker is Speaker.TOOL:
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    document: dict[str, Any] = {"role": message.speaker.value, "content": message.text}
    if message.calls:
        document["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
    return document


def hear(answer: Answer, document: object, *, whole: bool) -> bool:
    """Take in an answer or an event of it; says whether the rest can only be about tokens."""
    content = mapping(document, "it")
    if content.get("error"):
        raise said(content)
    if content.get("usage") is not None:
        answer.usage = _usage(mapping(content["usage"], "the usage"))
    choices = entries(content.get("choices"), "the list of choices")
    if whole and not choices:
        raise malformed("it has no choices")
    for one in choices[:1]:
        choice = mapping(one, "a choice")
        part = choice.get("message") if whole else choice.get("delta")
        if part is not None:
            _take(answer, mapping(part, "a message"), whole=whole)
        _end(answer, choice.get("finish_reason"))
    return False


def _take(answer: Answer, part: Mapping[str, Any], *, whole: bool) -> None:
    answer.say(text_of(part.get("content"), "a text"))
    answer.refusal += text_of(part.get("refusal"), "a refusal")
    for one in entries(part.get("tool_calls"), "the list of calls"):
        piece = mapping(one, "a call")
        function = mapping(piece.get("function") or {}, "a function")
        at = len(answer.calls) if whole else _place(answer, piece, function)
        _add(_spoken(answer, at), piece, function, answer)


def _add(call: Spoken, piece: Mapping[str, Any], function: Mapping[str, Any], answer: Answer) -> None:
    name, arguments = text_of(function.get("name"), "a name"), arguments_of(function.get("arguments"))
    answer.count(name + arguments)
    call.id = call.id or text_of(piece.get("id"), "an id")
    # Some endpoints repeat the name in every piece.
    call.name += "" if name == call.name else name
    call.arguments += arguments


def _place(answer: Answer, piece: Mapping[str, Any], function: Mapping[str, Any]) -> int:
    """Return which call a piece belongs to: by its index, else a new one for each new id or name."""
    index, last = piece.get("index"), answer.calls[-1] if answer.calls else None
    if isinstance(index, int) and not isinstance(index, bool):
        return index
    if last is None:
        return 0
    begins = piece["id"] != last.id if piece.get("id") else bool(function.get("name"))
    return len(answer.calls) if begins else len(answer.calls) - 1


def _spoken(answer: Answer, at: int) -> Spoken:
    if not 0 <= at <= len(answer.calls) or at >= _MOST_CALLS:
        raise malformed("the calls are not numbered one after another")
    if at == len(answer.calls):
        answer.calls.append(Spoken())
    return answer.calls[at]


def _end(answer: Answer, reason: object) -> None:
    if reason is None or reason == "":
        return
    if reason == "content_filter":
        answer.refusal = answer.refusal or "its content filter ended the answer."
    answer.finish = _FINISHES.get(str(reason), Finish.STOP)


def _usage(stated: Mapping[str, Any]) -> Usage:
    details = stated.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else 0
    return Usage(
        input=tokens(stated.get("prompt_tokens")),
        output=tokens(stated.get("completion_tokens")),
        cached=max(0, tokens(cached)),
    )
