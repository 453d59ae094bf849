"""Turns as messages; where they do not all fit, the older ones become facts of the log, not a summary."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from agent.models.model import Message, Speaker, ToolCall
from agent.models.tokens import of_text
from agent.planners.llm.assignment import Conversation
from agent.protocol.conversation import Turn

STRIDE = 6
"""Turns that are cut down at once, so that the beginning of requests seldom changes."""
_FACT = 160
_SAID = 300
_CHARACTERS_A_TOKEN = 3
_OVERHEAD = 12


def transcript(conversation: Conversation, room: int) -> tuple[Message, ...]:
    """Return the conversation after its opening in about `room` tokens, oldest turns cut down first.

    At most half of the room goes to one turn, a quarter to facts and an eighth to a remark, each by a rule
    that looks at nothing else: what was sent once is sent again as it was, until its turn becomes facts.
    """
    shown = [_shown(turn, room) for turn in conversation.turns]
    remarks = [_capped(one.text, room * _CHARACTERS_A_TOKEN // 8) for one in conversation.remarks]
    cut = _cut(conversation, shown, room - sum(map(of_text, remarks)))
    return (*_facts(conversation.turns[:cut], room // 4), *_messages(conversation, shown, remarks, cut))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A turn as messages, and how many tokens they are."""

    messages: tuple[Message, ...]
    cost: int


def _cut(conversation: Conversation, shown: Sequence[_Shown], room: int) -> int:
    """Return how many turns become facts."""
    cut, most = 0, max(room, 0)
    while cut < len(shown) and sum(one.cost for one in shown[cut:]) + (most // 4 if cut else 0) > most:
        cut += STRIDE
    # What was said last is needed to go on, unless it is too long to be said again at all.
    last = len(shown) - 1 if shown and shown[-1].cost <= max(most, 2 * _FACT) else len(shown)
    return min(cut, last)


def _messages(
    conversation: Conversation, shown: Sequence[_Shown], remarks: Sequence[str], cut: int
) -> Iterator[Message]:
    waiting = [(one.after, text) for one, text in zip(conversation.remarks, remarks, strict=True)]
    for number, one in enumerate(shown):
        yield from _said(waiting, number)
        if number >= cut:
            yield from one.messages
    yield from _said(waiting, len(shown))


def _said(waiting: list[tuple[int, str]], turns: int) -> Iterator[Message]:
    while waiting and waiting[0][0] <= turns:
        yield Message(Speaker.USER, waiting.pop(0)[1])


@lru_cache(maxsize=512)
def _shown(turn: Turn, room: int) -> _Shown:
    """Return a turn whose results are cut until all of it takes half of the room."""
    most = max(_FACT, room * _CHARACTERS_A_TOKEN // 3)
    shown = _turn(turn, most)
    while shown.cost > room // 2 and most > _FACT:
        most = max(_FACT, most // 2)
        shown = _turn(turn, most)
    return shown


def _turn(turn: Turn, most: int) -> _Shown:
    calls = tuple(ToolCall(use.id, use.name, use.arguments) for use in turn.uses)
    said = [Message(Speaker.MODEL, turn.text, calls)] if turn.text or calls else []
    results = [Message(Speaker.TOOL, _capped(use.result, most), call_id=use.id) for use in turn.uses]
    texts = [turn.text, *(use.arguments for use in turn.uses), *(one.text for one in results)]
    cost = sum(map(of_text, texts)) + _OVERHEAD * (1 + 2 * len(calls))
    return _Shown((*said, *results), cost)


def _facts(turns: Sequence[Turn], most: int) -> Iterator[Message]:
    """Yield what was done in turns, the newest of it in `most` tokens."""
    if not turns:
        return
    lines = [line for turn in turns for line in _lines(turn)]
    costs = list(accumulate(map(of_text, reversed(lines))))
    kept = lines[len(lines) - bisect_right(costs, most) :]
    left_out = f"[{len(lines) - len(kept)} earlier lines left out]\n" if len(kept) < len(lines) else ""
    said = "What was done before, from the log; call a tool again to see its answer again:"
    yield Message(Speaker.USER, "\n".join((said, left_out + "\n".join(kept))))


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
