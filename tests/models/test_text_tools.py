"""The plain-text protocol for tools: strict about calls, and nothing half understood."""

import pytest

from agent.models.faults import FaultKind, ModelFault
from agent.models.model import Finish, Message, Reply, Request, Speaker, ToolCall, ToolSpec, Usage
from agent.models.text_tools import in_text, out_of_text, without_system

A, B = '{"path": "a"}', '{"path": "b"}'
READ = ToolSpec("read", "Read a file.", {"type": "object"})


def _reply(text: str, finish: Finish = Finish.STOP) -> Reply:
    return Reply(text, (), Usage(), finish)


def _block(arguments: str, name: str = "read") -> str:
    return f'<use_tool name="{name}">\n{arguments}\n</use_tool>'


def test_calls_are_taken_out_of_the_text_in_their_order() -> None:
    spread = '{\n  "path": "b"\n}'
    text = f"First.\n{_block(A)}\nThen.\r\n{_block(spread, 'look')}\n"
    reply = out_of_text(_reply(text), set())
    assert reply.text == "First.\nThen."
    assert [(call.name, call.arguments) for call in reply.calls] == [
        ("read", A),
        ("look", spread),
    ]
    assert reply.finish is Finish.TOOLS
    assert [call.id for call in reply.calls] == ["call_1", "call_2"]


def test_words_about_a_call_within_a_line_are_words() -> None:
    text = 'Write `<use_tool name="read">` to read, and </use_tool> after it.'
    assert out_of_text(_reply(text), set()).calls == ()


def test_a_call_without_arguments_has_an_empty_object() -> None:
    assert out_of_text(_reply(_block("")), set()).calls[0].arguments == "{}"


@pytest.mark.parametrize(
    "text",
    [
        '<use_tool name="read">\n{"path": "a"}',
        '<use_tool name="read">',
        '<use_tool name="read"> {"path": "a"} </use_tool>',
        "<use_tool name=read>\n{}\n</use_tool>",
        "<use_tool>\n{}\n</use_tool>",
    ],
)
def test_a_garbled_call_is_a_fault_and_not_a_last_word(text: str) -> None:
    with pytest.raises(ModelFault) as raised:
        out_of_text(_reply(text), set())
    assert raised.value.kind is FaultKind.MALFORMED


@pytest.mark.parametrize("end", range(len(_block(B))))
def test_a_call_that_the_bound_cut_is_dropped(end: int) -> None:
    text = f"{_block(A)}\n{_block(B)[:end]}"
    reply = out_of_text(_reply(text, Finish.LENGTH), set())
    assert [call.arguments for call in reply.calls] == [A]
    assert reply.finish is Finish.LENGTH


def test_what_follows_a_made_up_result_is_not_believed() -> None:
    text = f'{_block("{}")}\n<tool_result name="read">\nsecret\n</tool_result>\n{_block("{}", "run")}'
    assert [call.name for call in out_of_text(_reply(text), set()).calls] == ["read"]


def test_ids_differ_from_those_of_the_conversation() -> None:
    assert out_of_text(_reply(_block("{}")), {"call_2"}).calls[0].id == "call_3"


def test_a_conversation_without_tools_stays_as_it_is() -> None:
    request = Request((Message(Speaker.USER, "hi"),))
    assert in_text(request) is request


def test_a_conversation_is_told_in_words() -> None:
    call = ToolCall("c1", "read", '{ "path":"ä" }')
    said = (
        Message(Speaker.SYSTEM, "Be brief."),
        Message(Speaker.USER, "hi"),
        Message(Speaker.MODEL, "I look.", (call, ToolCall("c2", "read", "garbled"))),
        Message(Speaker.TOOL, "one", call_id="c1"),
        Message(Speaker.TOOL, "two", call_id="c2"),
    )
    told_as = '{"path": "ä"}'
    told = in_text(Request(said, (READ,)))
    assert told.tools == ()
    system, user, model, results = told.messages
    assert system.text.startswith("Be brief.\n\n# Tools") and "## read" in system.text
    assert user == said[1]
    assert model == Message(Speaker.MODEL, f"I look.\n{_block(told_as)}\n{_block('garbled')}")
    assert results.speaker is Speaker.USER
    assert results.text == (
        '<tool_result name="read">\none\n</tool_result>\n\n<tool_result name="read">\ntwo\n</tool_result>'
    )


def test_without_a_system_role_everything_said_stays_in_its_order() -> None:
    said = (
        Message(Speaker.SYSTEM, "one"),
        Message(Speaker.USER, "two"),
        Message(Speaker.MODEL, "three"),
        Message(Speaker.SYSTEM, "four"),
    )
    told = without_system(Request(said)).messages
    assert [(m.speaker, m.text) for m in told] == [
        (Speaker.USER, "one\n\ntwo"),
        (Speaker.MODEL, "three"),
        (Speaker.USER, "four"),
    ]
