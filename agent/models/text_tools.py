"""Tools for models that have none: called and answered in plain text.

A call is written on lines of its own:

    <use_tool name="read">
    {"path": "a.py"}
    </use_tool>

Its arguments are one JSON object. Within JSON a line break is written as \\n, so the closing line cannot be
part of an argument. A block that is not closed is no call, and nothing after a made-up result is. The words
are not those of any model's own tokens for calls, which servers cut out of the text.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from agent.models.faults import FaultKind, ModelFault
from agent.models.model import Finish, Message, Reply, Request, Speaker, ToolCall, ToolSpec

_OPEN = re.compile(r'^[ \t]*<use_tool name="([A-Za-z0-9_.-]{1,64})">[ \t]*$')
_BEGUN = re.compile(r"^[ \t]*<use_tool\b")
_MADE_UP = re.compile(r"^[ \t]*<tool_result\b")
_CLOSE = re.compile(r"^[ \t]*</use_tool>[ \t]*$")
_RULES = """\
# Tools

To use a tool, write its call on lines of its own, exactly in this form, and then end your answer:

<use_tool name="NAME">
{"argument": "value"}
</use_tool>

Between the two lines stands one JSON object with the tool's arguments. You may write several calls one after
another. The results come in the next message. Never write a result yourself.

The tools:
"""


def in_text(request: Request) -> Request:
    """Return a request without tools that says the same in words; two messages of one speaker become one."""
    if not request.tools:
        return request
    rules = Message(Speaker.SYSTEM, _RULES + "\n".join(map(_described, request.tools)))
    names = {call.id: call.name for message in request.messages for call in message.calls}
    spoken = [_spoken(message, names) for message in request.messages]
    leading = _leading(request)
    return replace(request, messages=tuple(_joined([*spoken[:leading], rules, *spoken[leading:]])), tools=())


def out_of_text(reply: Reply, taken: set[str]) -> Reply:
    """Return a reply with the calls that its text holds; raises ModelFault when one is cut or garbled."""
    text, written = _parsed(reply.text, cut=reply.finish is Finish.LENGTH)
    # Some endpoints find calls in the text by themselves, tools or not.
    calls = (*reply.calls, *_named(written, taken | {call.id for call in reply.calls}))
    finish = Finish.TOOLS if calls and reply.finish is Finish.STOP else reply.finish
    return replace(reply, text=text, calls=calls, finish=finish)


def without_system(request: Request) -> Request:
    """Return a request whose system messages are the user's, for endpoints that have no such role."""
    changed = (
        replace(message, speaker=Speaker.USER) if message.speaker is Speaker.SYSTEM else message
        for message in request.messages
    )
    return replace(request, messages=tuple(_joined(list(changed))))


def _leading(request: Request) -> int:
    """Return how many system messages a request begins with."""
    return sum(1 for _ in takewhile(lambda one: one.speaker is Speaker.SYSTEM, request.messages))


def _described(spec: ToolSpec) -> str:
    schema = json.dumps(dict(spec.parameters))
    return f"\n## {spec.name}\n\n{spec.description}\nArguments, as a JSON schema: {schema}"


def _spoken(message: Message, names: dict[str, str]) -> Message:
    if message.speaker is Speaker.TOOL:
        name = names.get(message.call_id, "tool")
        return Message(Speaker.USER, f'<tool_result name="{name}">\n{message.text}\n</tool_result>')
    if not message.calls:
        return message
    blocks = [
        f'<use_tool name="{call.name}">\n{_one_line(call.arguments)}\n</use_tool>' for call in message.calls
    ]
    return Message(message.speaker, "\n".join([*([message.text] if message.text else []), *blocks]))


def _one_line(arguments: str) -> str:
    """Return arguments in the form that the rules ask for."""
    try:
        return json.dumps(json.loads(arguments), ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments


def _joined(messages: list[Message]) -> list[Message]:
    """Join neighbours of one speaker: many chat templates refuse two messages of the user in a row."""
    joined: list[Message] = []
    for message in messages:
        if joined and _alike(joined[-1], message):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\n\n{message.text}")
        else:
            joined.append(message)
    return joined


def _alike(one: Message, two: Message) -> bool:
    return one.speaker is two.speaker is not Speaker.TOOL and not one.calls and not two.calls


def _parsed(text: str, *, cut: bool) -> tuple[str, list[tuple[str, str]]]:
    prose: list[str] = []
    calls: list[tuple[str, str]] = []
    lines = iter(text.split("\n"))
    for line in lines:
        opened = _OPEN.match(line.rstrip("\r"))
        if opened is None:
            if _BEGUN.match(line) and not cut:
                raise _garbled("the first line of a call is not as it must be")
            if calls and _MADE_UP.match(line):
                break
            prose.append(line)
            continue
        body = _body(lines)
        if body is not None:
            calls.append((opened[1], body))
        elif not cut:
            raise _garbled(f"the call of {opened[1]} is not closed")
    return "\n".join(prose).strip(), calls


def _body(lines: Iterator[str]) -> str | None:
    """Return what stands before the closing line, None when there is none."""
    inner: list[str] = []
    for line in lines:
        if _CLOSE.match(line.rstrip("\r")):
            return "\n".join(inner).strip() or "{}"
        inner.append(line)
    return None


def _garbled(why: str) -> ModelFault:
    return ModelFault(FaultKind.MALFORMED, f"The model's answer is malformed: {why}.", billable=True)


def _named(calls: list[tuple[str, str]], taken: set[str]) -> tuple[ToolCall, ...]:
    named = []
    for name, arguments in calls:
        number = len(taken) + 1
        while f"call_{number}" in taken:
            number += 1
        taken = taken | {f"call_{number}"}
        named.append(ToolCall(f"call_{number}", name, arguments))
    return tuple(named)
