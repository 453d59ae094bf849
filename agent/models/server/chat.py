"""Answers in the words of Chat Completions."""

from collections.abc import Iterator
from typing import Any

from agent.models.server.meter import pieces, stated, written
from agent.models.server.script import Answer, Asked, Call, Fault


def document(answer: Answer, asked: Asked) -> dict[str, Any]:
    """Return the body of an answer that is not streamed."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if answer.fault is Fault.REFUSAL:
        message |= {"content": None, "refusal": "I cannot help with that."}
    if answer.calls:
        message["tool_calls"] = [_call(call, n, answer) for n, call in enumerate(answer.calls)]
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer)}
    choices = [] if answer.fault is Fault.NO_CHOICES else [choice]
    return _with_usage(answer, asked, {"object": "chat.completion", "choices": choices})


def events(answer: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a streamed answer."""
    if answer.fault is Fault.NO_CHOICES:
        yield _chunk(asked, {}) | {"choices": []}
        return
    yield _chunk(asked, {"role": "assistant", "content": ""})
    if answer.fault is Fault.REFUSAL:
        yield _chunk(asked, {"refusal": "I cannot help with that."})
    for piece in pieces(answer.text):
        yield _chunk(asked, {"content": piece})
    for n, call in enumerate(answer.calls):
        yield from _call_chunks(asked, _call(call, n, answer), n)
    finish = _finish(answer)
    if finish is not None:
        yield _chunk(asked, {}, finish)
    if asked.body.get("stream_options", {}).get("include_usage"):
        yield _with_usage(answer, asked, _chunk(asked, {}) | {"choices": []})


def _call_chunks(asked: Asked, call: dict[str, Any], n: int) -> Iterator[dict[str, Any]]:
    function = call["function"]
    opening = call | {"index": n, "function": {"name": function["name"], "arguments": ""}}
    yield _chunk(asked, {"tool_calls": [opening]})
    for piece in pieces(function["arguments"]):
        yield _chunk(asked, {"tool_calls": [{"index": n, "function": {"arguments": piece}}]})


def _chunk(asked: Asked, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": asked.body.get("model"),
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _call(call: Call, n: int, answer: Answer) -> dict[str, Any]:
    spoken = {"type": "function", "function": {"name": call.name, "arguments": written(call.arguments)}}
    if answer.fault is Fault.MISSING_IDS:
        return spoken
    return {"id": "call_0" if answer.fault is Fault.DUPLICATE_IDS else call.id or f"call_{n}"} | spoken


def _finish(answer: Answer) -> str | None:
    if answer.fault is Fault.NO_FINISH:
        return None
    if answer.fault is Fault.FILTERED:
        return "content_filter"
    return answer.finish or ("tool_calls" if answer.calls else "stop")


def _with_usage(answer: Answer, asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
    usage = stated(answer, asked)
    if usage is None:
        return body
    return body | {
        "usage": {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": usage[0] + usage[1],
        }
    }
