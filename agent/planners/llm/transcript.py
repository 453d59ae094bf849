"""Turns as messages; where they do not all fit, the older ones become facts of the log, not a summary."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from agent.index.tokens import estimate_tokens
from agent.models.model import Message, Speaker, ToolCall
from agent.planners.llm.assignment import Conversation, Remark
from agent.protocol.conversation import ToolUse, Turn

STRIDE = 6
"""Turns that are cut down at once, so that the beginning of requests seldom changes."""
_RESULT_SHARE = 3
_FACT = 160
_SAID = 300
_CHARACTERS_A_TOKEN = 3
_OVERHEAD = 12


def transcript(conversation: Conversation, room: int) -> tuple[Message, ...]:
    """Return the conversation after its opening in about `room` tokens, oldest turns cut down first."""
    most = max(_FACT, room * _CHARACTERS_A_TOKEN // _RESULT_SHARE)
    turns = conversation.turns
    costs = [_cost(turn, most) for turn in turns]
    cut = 0
    while cut < len(turns) and sum(costs[cut:]) + _cost_of_facts(turns[:cut]) > room:
        cut += STRIDE
    # What was said last is needed to go on at all.
    cut = min(cut, max(0, len(turns) - 1))
    return (*_facts(turns[:cut]), *_messages(conversation, cut, most))


def _messages(conversation: Conversation, cut: int, most: int) -> Iterator[Message]:
    waiting = list(conversation.remarks)
    for number, turn in enumerate(conversation.turns):
        yield from _said(waiting, number)
        if number >= cut:
            yield from _turn(turn, most)
    yield from _said(waiting, len(conversation.turns))


def _said(waiting: list[Remark], turns: int) -> Iterator[Message]:
    while waiting and waiting[0].after <= turns:
        yield Message(Speaker.USER, waiting.pop(0).text)


def _turn(turn: Turn, most: int) -> Iterator[Message]:
    calls = tuple(ToolCall(use.id, use.name, use.arguments) for use in turn.uses)
    if turn.text or calls:
        yield Message(Speaker.MODEL, turn.text, calls)
    for use in turn.uses:
        yield Message(Speaker.TOOL, _capped(use.result, most), call_id=use.id)


def _facts(turns: Sequence[Turn]) -> Iterator[Message]:
    if turns:
        lines = "\n".join(line for turn in turns for line in _lines(turn))
        yield Message(
            Speaker.USER,
            f"What was done before, from the log; call a tool again to see its answer again:\n{lines}",
        )


def _lines(turn: Turn) -> Iterator[str]:
    if turn.text.strip():
        yield f"- you said: {_short(turn.text, _SAID)}"
    for use in turn.uses:
        state = "refused" if use.refused else "done"
        yield f"- {use.name} {_short(use.arguments, _FACT)}: {state}: {_short(use.result, _FACT)}"


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]} …"


def _capped(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    left_out = len(text) - most
    return f"{text[: most // 2]}\n[{left_out} characters left out here]\n{text[-(most - most // 2) :]}"


def _cost(turn: Turn, most: int) -> int:
    return _tokens(turn.text) + sum(_cost_of_use(use, most) for use in turn.uses) + _OVERHEAD


def _cost_of_use(use: ToolUse, most: int) -> int:
    return _tokens(use.arguments) + _tokens(_capped(use.result, most)) + _OVERHEAD


def _cost_of_facts(turns: Sequence[Turn]) -> int:
    return sum(_tokens(line) for turn in turns for line in _lines(turn))


@lru_cache(maxsize=4096)
def _tokens(text: str) -> int:
    return estimate_tokens(text)
