"""Messages that an editor might send, that no editor would send, and what lies between, from a seed."""

import copy
import enum
import json
import random
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import attrs
from lsprotocol import types

PIECES = [
    *"ab \t(",
    "\n",
    "\r\n",
    "\r",
    "\u2028",
    "\x0c",
    "\x0b",
    "é",
    "漢字",
    "😀",
    "\ud800",
    "\udc00",
    "\x00",
    "x" * 80,
]
ODD = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**31,
    2**64,
    10**30,
    "",
    "漢",
    "\ud800",
    [],
    {},
    [[]],
    {"a": {}},
    float("nan"),
]
COMMANDS = ["fix", "verify", "change", "document", "explain", "apply", "cancel", "show", "none"]
IDS = [None, "x", "", 1.5, True, -7, 2**70, "\ud800", [1], {"a": 1}]
FIRST_ID = 1_000_000
"""Of the requests here; a test may ask with smaller ones in between."""
_DEEPEST = 7


class Fuzzer:
    """One editor's talk; the same seed says the same."""

    def __init__(self, seed: int, folder: str, methods: Sequence[str]) -> None:
        self._chance = random.Random(seed)
        self._uris = [f"{folder}/{name}" for name in ("a.py", "test_a.py", "漢.py", "no/such.py")]
        self._uris += ["untitled:1", "http://host/x.py", "file:", "", f"{folder}/%ff%00.py"]
        self._methods = list(methods)
        self._lines = 3
        self._id = FIRST_ID

    def talk(self, count: int) -> Iterator[bytes]:
        """Yield so many bodies."""
        for _ in range(count):
            kind = self._chance.random()
            message = self._edit() if kind < 0.35 else self._call()
            if kind > 0.6:
                message = self._mutated(message)
            body = json.dumps(message, ensure_ascii=self._chance.random() < 0.5)
            raw = body.encode("utf-8", "surrogatepass")
            yield self._damaged(raw) if kind > 0.9 else raw

    def _edit(self) -> dict[str, Any]:
        uri = self._chance.choice(self._uris[:4])
        document: dict[str, Any] = {"uri": uri, "version": self._chance.randrange(100)}
        turn = self._chance.random()
        if turn < 0.1:
            document |= {"languageId": "python", "text": self._text(40)}
            return _notification("textDocument/didOpen", {"textDocument": document})
        if turn < 0.13:
            return _notification("textDocument/didClose", {"textDocument": {"uri": uri}})
        changes = [self._change() for _ in range(self._chance.choice((1, 1, 1, 2, 5)))]
        return _notification("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def _change(self) -> dict[str, Any]:
        if self._chance.random() < 0.1:
            return {"text": self._text(40)}
        ends = sorted(self._place() for _ in range(2))
        if self._chance.random() < 0.02:
            ends.reverse()
        start, end = ({"line": line, "character": character} for line, character in ends)
        return {"range": {"start": start, "end": end}, "text": self._text(6)}

    def _place(self) -> tuple[int, int]:
        return self._chance.randrange(4), self._chance.randrange(6)

    def _text(self, most: int) -> str:
        return "".join(self._chance.choices(PIECES, k=self._chance.randrange(most)))

    def _call(self) -> dict[str, Any]:
        turn = self._chance.random()
        if turn < 0.05:
            # An answer to what nobody asked.
            return {"jsonrpc": "2.0", "id": self._number(), "result": self._odd(ODD)}
        if turn < 0.1:
            return _notification("$/cancelRequest", {"id": self._chance.randrange(FIRST_ID, self._id + 1)})
        method = self._chance.choice(self._methods)
        params = self._value(_parameters(method), "params", 0)
        said = _notification(method, params)
        if "id" in _fields(types.METHOD_TO_TYPES.get(method, (None,))[0]):
            said["id"] = self._number()
        return said

    def _number(self) -> int:
        self._id += 1
        return self._id

    def _value(self, kind: Any, name: str, deep: int) -> Any:
        """Return JSON of a type of the protocol."""
        told = self._told(name)
        if told is not None:
            return told
        origin, inside = typing.get_origin(kind), typing.get_args(kind)
        if origin is typing.Union:
            return self._value(self._chance.choice(inside), name, deep)
        if deep > _DEEPEST or kind in (None, type(None)):
            return None
        if attrs.has(kind):
            return self._object(kind, deep)
        if origin in (Mapping, dict):
            return {self._text(3): self._value(inside[1], "", deep + 1)}
        if origin is not None and inside:
            return [self._value(inside[0], "", deep + 1) for _ in range(self._chance.randrange(3))]
        return self._plain(kind)

    def _told(self, name: str) -> Any:
        if name in ("uri", "target_uri", "new_uri", "old_uri"):
            return self._chance.choice(self._uris)
        if name == "command":
            return f"ratchet.{self._chance.choice(COMMANDS)}"
        if name == "arguments":
            order = {"uri": self._chance.choice(self._uris), "task": self._text(3), "goal": self._text(9)}
            order |= {"tests": [self._text(5)], "start": self._odd(ODD)}
            return [dict(self._chance.sample(sorted(order.items(), key=str), 2))]
        return None

    def _object(self, kind: Any, deep: int) -> dict[str, Any]:
        fields = {
            _camel(name): self._value(one, name, deep + 1)
            for name, one in _fields(kind).items()
            if not _is_optional(one) or self._chance.random() < 0.4
        }
        return {name: one for name, one in fields.items() if one is not None}

    def _plain(self, kind: Any) -> Any:
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return self._chance.choice(list(kind)).value
        if kind is bool:
            return self._chance.random() < 0.5
        if kind is int:
            return self._chance.choice((0, 1, 2, 3, 5, 100))
        return self._text(8) if kind is str else self._odd(ODD)

    def _odd(self, values: Sequence[Any]) -> Any:
        """Return one of some values, to be changed at will."""
        return copy.deepcopy(self._chance.choice(values))

    def _mutated(self, message: dict[str, Any]) -> Any:
        """Return a message with one thing in it replaced, left out or doubled."""
        if self._chance.random() < 0.15:
            return message | {"id": self._odd(IDS)}
        place: Any = message
        while True:
            if not isinstance(place, dict | list) or not place:
                return self._odd([*ODD, [message]])
            key = self._chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
            if isinstance(place[key], dict | list) and self._chance.random() < 0.8:
                place = place[key]
                continue
            self._change_at(place, key)
            # The end of the server is asked for elsewhere.
            return message if message.get("method") not in ("exit", "shutdown") else {}

    def _change_at(self, place: Any, key: Any) -> None:
        turn = self._chance.random()
        if turn < 0.4:
            place[key] = self._odd(ODD)
        elif turn < 0.7:
            del place[key]
        elif isinstance(place, list):
            place[key:key] = [place[key]] * self._chance.randrange(50)
        else:
            place[self._text(4)] = place[key]

    def _damaged(self, body: bytes) -> bytes:
        place = self._chance.randrange(len(body))
        turn = self._chance.randrange(4)
        if turn == 0:
            return body[:place]
        if turn == 1:
            return body[:place] + self._chance.randbytes(3) + body[place:]
        if turn == 2:
            return b"[" * self._chance.choice((5, 2000, 100_000)) + body
        return body[:place] + b'"' + body[place + 1 :]


def _notification(method: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


@cache
def _fields(kind: Any) -> dict[str, Any]:
    """Return the fields of a type of the protocol, and their types."""
    if kind is None:
        return {}
    resolved = attrs.resolve_types(kind, vars(typing) | vars(types), None)
    return {one.name: one.type for one in attrs.fields(resolved)}


def _parameters(method: str) -> Any:
    return _fields(types.METHOD_TO_TYPES.get(method, (None,))[0]).get("params")


def _is_optional(kind: Any) -> bool:
    return type(None) in typing.get_args(kind)


def _camel(name: str) -> str:
    first, *more = name.rstrip("_").split("_")
    return first + "".join(one.title() for one in more)
