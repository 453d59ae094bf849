"""The conversation as messages: everything while it fits, then facts of the log, always the same bytes."""

import json
from itertools import pairwise

import pytest

from agent.models.model import Message, Speaker
from agent.models.tokens import of_text
from agent.planners.llm.assignment import Conversation, Remark
from agent.planners.llm.transcript import STRIDE, transcript
from agent.protocol.conversation import ToolUse, Turn
from agent.protocol.model import Role

PLENTY = 100_000


def use(number: int, result: str = "ok", **more: object) -> ToolUse:
    known = {"id": f"c{number}", "name": "read", "arguments": f'{{"path": "f{number}.py"}}', "result": result}
    return ToolUse(**{**known, **more})


def turn(number: int, result: str = "ok", text: str = "") -> Turn:
    return Turn(role=Role.EDIT, model="m", text=text or f"step {number}", uses=(use(number, result),))


def tokens(messages: tuple[Message, ...]) -> int:
    texts = [one.text + "".join(call.name + call.arguments for call in one.calls) for one in messages]
    return sum(map(of_text, texts))


def test_every_call_is_followed_by_its_answer_in_the_order_they_were_made() -> None:
    taken = (Turn(role=Role.EDIT, model="m", text="look", uses=(use(1, "one"), use(2, "two"))), turn(3))
    said = transcript(Conversation(taken), PLENTY)
    assert [one.speaker for one in said] == [
        Speaker.MODEL,
        Speaker.TOOL,
        Speaker.TOOL,
        Speaker.MODEL,
        Speaker.TOOL,
    ]
    assert [call.id for call in said[0].calls] == ["c1", "c2"]
    assert [(one.call_id, one.text) for one in said[1:3]] == [("c1", "one"), ("c2", "two")]


def test_a_remark_stands_where_it_was_made() -> None:
    remarks = (Remark(0, "before"), Remark(1, "between"), Remark(2, "after"))
    said = transcript(Conversation((turn(1), turn(2)), remarks), PLENTY)
    texts = [one.text for one in said if one.speaker is not Speaker.TOOL]
    assert texts == ["before", "step 1", "between", "step 2", "after"]


def test_a_turn_in_which_a_model_said_and_did_nothing_is_no_message() -> None:
    silent = Turn(role=Role.EDIT, model="m", fault="overload", reason="busy")
    assert transcript(Conversation((silent,)), PLENTY) == ()


def test_a_request_begins_with_all_that_the_request_before_it_said() -> None:
    # This is what the caches of endpoints go by.
    taken = tuple(turn(number, "line\n" * 40) for number in range(40))
    remarks = (Remark(3, "The user says: go on"), Remark(9, "The harness measured your change"))
    requests = [
        transcript(Conversation(taken[:count], tuple(one for one in remarks if one.after <= count)), PLENTY)
        for count in range(1, 41)
    ]
    for earlier, later in pairwise(requests):
        assert later[: len(earlier)] == earlier


def test_even_when_room_is_short_the_beginning_changes_only_once_in_a_stride() -> None:
    taken = tuple(turn(number, "word " * 100) for number in range(60))
    requests = [transcript(Conversation(taken[:count]), 4000) for count in range(1, 61)]
    changes = sum(later[: len(earlier)] != earlier for earlier, later in pairwise(requests))
    assert 0 < changes <= 60 / STRIDE + 1


def test_equal_conversations_are_equal_messages() -> None:
    taken = tuple(turn(number, "word " * 300) for number in range(30))
    again = tuple(Turn.model_validate_json(one.model_dump_json()) for one in taken)
    assert transcript(Conversation(taken), 3000) == transcript(Conversation(again), 3000)


def test_old_turns_become_facts_that_name_call_arguments_and_outcome() -> None:
    old = Turn(
        role=Role.EDIT,
        model="m",
        text="I look at it",
        uses=(use(0, "x = 1"), use(1, "no such file", refused=True)),
    )
    said = transcript(Conversation((old, *(turn(number, "word " * 400) for number in range(2, 9)))), 3000)
    facts = said[0]
    assert facts.speaker is Speaker.USER
    assert "you said: I look at it" in facts.text
    assert 'read {"path": "f0.py"}: done: x = 1' in facts.text
    assert 'read {"path": "f1.py"}: refused: no such file' in facts.text
    # An answer without its call is what endpoints refuse.
    calls = {call.id for one in said for call in one.calls}
    assert {one.call_id for one in said if one.speaker is Speaker.TOOL} == calls


def test_what_the_harness_and_the_user_said_outlives_the_turns_around_it() -> None:
    taken = tuple(turn(number, "word " * 400) for number in range(20))
    said = transcript(Conversation(taken, (Remark(1, "The user says: keep the name"),)), 2000)
    assert "The user says: keep the name" in [one.text for one in said]


@pytest.mark.parametrize("room", [600, 1500, 4000, 16_000])
@pytest.mark.parametrize("length", [3, 2000, 60_000])
@pytest.mark.parametrize("calls", [1, 5])
def test_a_conversation_keeps_to_its_room(room: int, length: int, calls: int) -> None:
    def one(number: int) -> Turn:
        uses = tuple(use(number * 10 + place, "some word\n" * (length // 10)) for place in range(calls))
        return Turn(role=Role.EDIT, model="m", text="hm", uses=uses)

    said = transcript(Conversation(tuple(map(one, range(60)))), room)
    assert tokens(said) <= room
    assert said[-1].speaker is Speaker.TOOL


def test_a_long_answer_keeps_its_beginning_and_its_end() -> None:
    result = "first line\n" + "middle\n" * 20_000 + "last line"
    said = transcript(Conversation((turn(1, result),)), 3000)
    assert said[-1].text.startswith("first line")
    assert said[-1].text.endswith("last line")
    assert "characters left out here" in said[-1].text


def test_arguments_reach_the_model_as_it_wrote_them() -> None:
    wrote = json.dumps({"edits": "é\u2028\n"}, ensure_ascii=False)
    taken = Turn(role=Role.EDIT, model="m", uses=(use(1, arguments=wrote),))
    assert transcript(Conversation((taken,)), PLENTY)[0].calls[0].arguments == wrote
