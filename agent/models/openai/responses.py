"""Requests and answers in the words of the Responses API."""

from collections.abc import Mapping
from typing import Any

from agent.models.model import Finish, Message, Request, Speaker, ToolSpec, Usage
from agent.models.openai.answer import Answer, Spoken, arguments_of, entries, mapping, text_of, tokens
from agent.models.openai.errors import malformed, said
from agent.protocol.model import ModelProfile

PATH = "/responses"


def body(request: Request, profile: ModelProfile) -> dict[str, Any]:
    """Return the JSON of a request; nothing is stored at the endpoint."""
    document: dict[str, Any] = {
        "model": profile.model,
        "input": [item for message in request.messages for item in _items(message)],
        "max_output_tokens": request.max_output or profile.max_output,
        "store": False,
    }
    if request.tools:
        document["tools"] = [_tool(spec) for spec in request.tools]
    if profile.temperature is not None:
        document["temperature"] = profile.temperature
    if profile.stream:
        document["stream"] = True
    return document


def _tool(spec: ToolSpec) -> dict[str, Any]:
    return {
        "type": "function",
        "name": spec.name,
        "description": spec.description,
        "parameters": dict(spec.parameters),
        # Strict schemas would need every property to be required.
        "strict": False,
    }


def _items(message: Message) -> list[dict[str, Any]]:
    if message.speaker is Speaker.TOOL:
        return [{"type": "function_call_output", "call_id": message.call_id, "output": message.text}]
    said_text = [{"role": message.speaker.value, "content": message.text}] if message.text else []
    calls = [
        {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}
        for call in message.calls
    ]
    return [*said_text, *calls]


def hear(answer: Answer, document: object, *, whole: bool) -> bool:
    """Take in an answer or an event of it; says whether it was the last.

    Text is heard piece by piece; the answer itself is taken from the last event, which has all of it, so that
    half a call cannot come out. Where an endpoint leaves it out there, the finished items are taken.
    """
    content = mapping(document, "it")
    if whole:
        _end(answer, content)
        return True
    kind = content.get("type")
    if kind == "error" or content.get("error"):
        raise said(content)
    if kind == "response.output_text.delta":
        answer.say(text_of(content.get("delta"), "a text"))
    elif kind == "response.function_call_arguments.delta":
        answer.count(text_of(content.get("delta"), "what a call is made with"))
    elif kind == "response.output_item.done":
        _item(answer, mapping(content.get("item"), "an item"), heard=True)
    elif kind in ("response.completed", "response.incomplete", "response.failed"):
        _end(answer, mapping(content.get("response"), "the response"))
        return True
    return False


def _end(answer: Answer, response: Mapping[str, Any]) -> None:
    if response.get("error"):
        raise said(response)
    items = [mapping(item, "an item") for item in entries(response.get("output"), "the output")]
    if items:
        heard = bool(answer.text)
        answer.calls.clear()
        for item in items:
            _item(answer, item, heard=heard)
    if isinstance(response.get("usage"), Mapping):
        answer.usage = _usage(response["usage"])
    _finish(answer, response)


def _finish(answer: Answer, response: Mapping[str, Any]) -> None:
    status = response.get("status")
    if status == "completed":
        answer.finish = Finish.TOOLS if answer.calls else Finish.STOP
    elif status == "incomplete":
        details = response.get("incomplete_details")
        if isinstance(details, Mapping) and details.get("reason") == "content_filter":
            answer.refusal = answer.refusal or "its content filter ended the answer."
        answer.finish = Finish.LENGTH
    elif status == "failed":
        raise said(response, "the response failed")
    elif not isinstance(status, str):
        raise malformed("it has no status")


def _item(answer: Answer, item: Mapping[str, Any], *, heard: bool) -> None:
    """Take in a finished item; `heard` says that its text came before, piece by piece."""
    kind = item.get("type")
    if kind == "function_call":
        _call(answer, item)
    elif kind == "message":
        for one in entries(item.get("content"), "a content"):
            part = mapping(one, "a part")
            if part.get("type") == "refusal":
                answer.refusal = text_of(part.get("refusal"), "a refusal") or "it gave no reason."
            elif part.get("type") == "output_text" and not heard:
                answer.say(text_of(part.get("text"), "a text"))


def _call(answer: Answer, item: Mapping[str, Any]) -> None:
    if item.get("status") == "incomplete":
        return
    arguments = arguments_of(item.get("arguments"))
    answer.count(arguments)
    answer.calls.append(
        Spoken(
            id=text_of(item.get("call_id") or item.get("id"), "an id"),
            name=text_of(item.get("name"), "a name"),
            arguments=arguments,
        )
    )


def _usage(stated: Mapping[str, Any]) -> Usage:
    details = stated.get("input_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else 0
    return Usage(
        input=tokens(stated.get("input_tokens")),
        output=tokens(stated.get("output_tokens")),
        cached=max(0, tokens(cached)),
    )
