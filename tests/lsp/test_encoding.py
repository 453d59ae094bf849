"""Whatever a handler answers, the editor gets JSON with its length, or an error instead of silence."""

import json
from typing import Any

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCResponseMessage

from lsp.wire.encoding import encoded
from lsp.wire.framing import Framing, Garbage

CONVERTER = get_converter()


def read(message: Any) -> Any:
    """Return what an editor reads."""
    (body,) = Framing().feed(encoded(message, CONVERTER))
    assert not isinstance(body, Garbage)
    return json.loads(body, parse_constant=pytest.fail)


def answer(result: Any) -> JsonRPCResponseMessage:
    return JsonRPCResponseMessage(id=1, jsonrpc="2.0", result=result)


@pytest.mark.parametrize(
    "result",
    [
        None,
        [],
        {},
        [[]],
        0,
        "漢\ud800\u2028",
        [{"a": [{}, [1, {"b": [[[[[2]]]]]}]]}],
        {"é": {"x": [True, None]}},
    ],
)
def test_values_come_out_as_they_went_in(result: Any) -> None:
    assert read(answer(result)) == {"id": 1, "jsonrpc": "2.0", "result": result}


@pytest.mark.parametrize("result", [float("nan"), object(), {1, 2}, [types.Position(1, 2), float("inf")]])
def test_an_answer_that_cannot_be_written_becomes_an_error(result: Any) -> None:
    assert read(answer(result))["error"]["code"] == types.ErrorCodes.InternalError.value


def test_a_notification_that_cannot_be_written_is_left_out() -> None:
    log = JsonRPCNotification(method="$/logTrace", jsonrpc="2.0", params={"message": float("nan")})
    assert encoded(log, CONVERTER) == b""


def test_a_code_action_keeps_its_command_inside() -> None:
    # lsprotocol itself would read this as a Command.
    action = types.CodeAction(
        "Fix", kind="quickfix", command=types.Command("Fix", "ratchet.fix", arguments=[{}])
    )
    command = {"title": "Fix", "command": "ratchet.fix", "arguments": [{}]}
    assert read(answer([action]))["result"] == [{"title": "Fix", "kind": "quickfix", "command": command}]
