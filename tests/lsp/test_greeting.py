"""The first answer is given before the server is loaded, and says what the loaded server would say."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agent.client.client import Client
from agent.client.registration import Address
from lsp.handlers.registry import server_for
from lsp.wire.announced import capabilities
from lsp.wire.framing import Framing
from lsp.wire.greeting import Greeting, greet

CAPTURED = sorted((Path(__file__).parent / "data" / "initialize").glob("*.json"))
MADE_UP: list[dict[str, Any]] = [
    {"capabilities": {}},
    {"capabilities": {"general": {"positionEncodings": ["utf-32", "utf-8"]}}},
    {"capabilities": {"general": {"positionEncodings": ["utf-7", "utf-8"]}}},
    {"capabilities": {"general": {"positionEncodings": []}}},
    {"capabilities": {"textDocument": {"rename": {"prepareSupport": True}, "diagnostic": {}}}},
    {"capabilities": {"workspace": {"fileOperations": {"didCreate": True, "willRename": True}}}},
    {"capabilities": {"notebookDocument": {"synchronization": {}}}},
    {"capabilities": {}, "initializationOptions": {"symbols": True}},
    {"capabilities": {}, "initializationOptions": {"ratchet": {"references": True, "calls": True}}},
    {"capabilities": {}, "initializationOptions": {"symbols": 1, "references": "yes", "calls": None}},
    {"capabilities": {}, "initializationOptions": ["symbols"]},
    # What a newer editor may say, and a broken one does.
    {"capabilities": {"textDocument": {"documentSymbol": {"symbolKind": {"valueSet": [1, 99]}}}}},
    {"capabilities": {"general": {"positionEncodings": [5, "utf-8"]}}},
    {"capabilities": {"general": {"positionEncodings": 5}, "workspace": [1]}},
    {"capabilities": {}, "workspaceFolders": "none", "rootUri": 5, "processId": "me", "trace": "loud"},
    {"capabilities": {}, "clientInfo": {"version": 3}, "locale": {}},
]


def params_of(path: Path) -> dict[str, Any]:
    captured = json.loads(path.read_text())
    found: dict[str, Any] = captured.get("params", captured)
    return found


def loaded_answer(params: dict[str, Any]) -> dict[str, Any]:
    """Return what the server says with everything loaded."""

    async def nowhere() -> Address:
        return Address()

    heard: list[Any] = []
    server = server_for(Client(nowhere))
    server.protocol.sends(heard.append)
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    server.protocol.take(json.dumps(message).encode())
    body = server.protocol.encode(heard[0]).partition(b"\r\n\r\n")[2]
    answer: dict[str, Any] = json.loads(body)
    return answer


def sent(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def greeted(data: bytes) -> tuple[Greeting, list[dict[str, Any]]]:
    """Return the greeting of an editor that sends some bytes and hangs up, and what it heard."""
    (ours, theirs), (heard, said) = os.pipe(), os.pipe()
    try:
        os.write(theirs, data)
        os.close(theirs)
        greeting = greet(ours, said)
        os.close(said)
        answer = os.read(heard, 1 << 16)
    finally:
        os.close(ours)
        os.close(heard)
    bodies = [one for one in Framing().feed(answer) if isinstance(one, bytes)] if answer else []
    return greeting, [json.loads(one) for one in bodies]


@pytest.mark.parametrize("params", [*MADE_UP, *map(params_of, CAPTURED)])
def test_what_is_announced_is_what_the_handlers_make_of_it(params: dict[str, Any]) -> None:
    answer = loaded_answer(params)
    said = capabilities(params["capabilities"], params.get("initializationOptions"))
    loaded = answer["result"]["capabilities"]
    for name in ("willSave", "willSaveWaitUntil"):
        assert not loaded["textDocumentSync"].pop(name, False)
    assert loaded == said


def test_an_initialize_is_answered_and_handed_on_with_all_that_came_behind_it() -> None:
    first = sent({"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"capabilities": {}}})
    more = sent({"jsonrpc": "2.0", "method": "initialized", "params": {}})[:20]
    greeting, heard = greeted(b"noise\r\n\r\n" + first + more)
    assert (greeting.answered, greeting.read[-20:]) == ("a", more)
    assert heard[0]["id"] == "a"
    assert heard[0]["result"]["serverInfo"]["name"] == "ratchet"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Content-Length: 99\r\n\r\n{",
        sent([]),
        sent({"jsonrpc": "2.0", "method": "exit"}),
        sent({"jsonrpc": "2.0", "id": 1, "method": "shutdown"}),
        sent({"id": 1, "method": "initialize", "params": {"capabilities": {}}}),
        sent({"jsonrpc": "2.0", "id": True, "method": "initialize", "params": {"capabilities": {}}}),
        sent({"jsonrpc": "2.0", "method": "initialize", "params": {"capabilities": {}}}),
        sent({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}),
        sent({"jsonrpc": "2.0", "id": 1, "method": "initialize"}),
        b"Content-Length: 200000\r\n\r\n" + b"[" * 40_000,
    ],
)
def test_what_is_no_initialize_is_left_to_the_server(data: bytes) -> None:
    greeting, heard = greeted(data)
    assert (greeting.answered, greeting.read, heard) == (None, data, [])
