"""Answers in the words of the Responses API."""

from collections.abc import Iterator
from typing import Any

from agent.models.server.meter import pieces, stated, written
from agent.models.server.script import Answer, Asked, Call, Fault

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


def document(answer: Answer, asked: Asked) -> dict[str, Any]:
    """Return the body of an answer that is not streamed."""
    finish = "content_filter" if answer.fault is Fault.FILTERED else answer.finish or ""
    reason = _INCOMPLETE.get(finish)
    body: dict[str, Any] = {
        "id": "resp_1",
        "object": "response",
        "model": asked.body.get("model"),
        "status": "incomplete" if reason else "completed",
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": list(_items(answer)),
    }
    if answer.fault is Fault.NO_FINISH:
        body |= {"status": "in_progress"}
    usage = stated(answer, asked)
    if usage is not None:
        body["usage"] = {"input_tokens": usage[0], "output_tokens": usage[1], "total_tokens": sum(usage)}
    return body


def events(answer: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """Yield the events of a streamed answer."""
    whole = document(answer, asked)
    started = whole | {"status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": started}
    for n, item in enumerate(whole["output"]):
        yield {"type": "response.output_item.added", "output_index": n, "item": _opened(item)}
        yield from _deltas(item, n)
        yield {"type": "response.output_item.done", "output_index": n, "item": item}
    if answer.fault is not Fault.NO_FINISH:
        yield {"type": f"response.{whole['status']}", "response": whole}


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {"arguments": ""} if item["type"] == "function_call" else {"content": []}
    return item | empty


def _deltas(item: dict[str, Any], n: int) -> Iterator[dict[str, Any]]:
    if item["type"] == "function_call":
        for piece in pieces(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", "output_index": n, "delta": piece}
        return
    for part in item["content"]:
        kind = "output_text" if part["type"] == "output_text" else "refusal"
        for piece in pieces(part.get("text") or part.get("refusal") or ""):
            yield {"type": f"response.{kind}.delta", "output_index": n, "delta": piece}


def _items(answer: Answer) -> Iterator[dict[str, Any]]:
    if answer.fault is Fault.NO_CHOICES:
        return
    if answer.fault is Fault.REFUSAL:
        yield _message({"type": "refusal", "refusal": "I cannot help with that."})
    elif answer.text:
        yield _message({"type": "output_text", "text": answer.text, "annotations": []})
    for n, call in enumerate(answer.calls):
        yield _call(call, n, answer)


def _message(part: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "status": "completed", "content": [part]}


def _call(call: Call, n: int, answer: Answer) -> dict[str, Any]:
    item = {"type": "function_call", "name": call.name, "arguments": written(call.arguments)}
    if answer.fault is Fault.MISSING_IDS:
        return item
    return item | {"call_id": "call_0" if answer.fault is Fault.DUPLICATE_IDS else call.id or f"call_{n}"}
