"""What an editor sends, sorted and checked before anything is done about it (JSON-RPC 2.0)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pygls.exceptions import JsonRpcException

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
NOT_INITIALIZED = -32002

Structure = Callable[[dict[str, Any]], Any]
"""Makes the typed message of an object; raises JsonRpcException."""


class Kind(StrEnum):
    """Requests are answered, whatever they are; nothing else is, but for what is no message at all."""

    REQUEST = "request"
    NOTIFICATION = "notification"
    RESPONSE = "response"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message; `typed` is None when it cannot be understood, and then there is a code and a reason."""

    kind: Kind
    id: int | str | None = None
    method: str = ""
    typed: Any = None
    uri: str = ""
    """The document that it is about, even if the rest of it makes no sense."""
    code: int = 0
    reason: str = ""


def understand(body: bytes, structure: Structure) -> Incoming:
    """Return the message in a body; raises nothing."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        return Incoming(Kind.NOTHING, code=PARSE_ERROR, reason=f"this is no message: {str(error)[:200]}")
    if not isinstance(data, dict):
        return Incoming(Kind.NOTHING, code=INVALID_REQUEST, reason="this is no message: it is no object")
    kind, known, method = _kind(data), _id(data), data.get("method", "")
    if kind is Kind.NOTHING or data.get("jsonrpc") != "2.0":
        # With an id somebody waits for it.
        kind = Kind.REQUEST if known is not None and "method" in data else Kind.NOTHING
        return Incoming(kind, known, code=INVALID_REQUEST, reason="this is no message of JSON-RPC 2.0")
    if data.get("error", 0) is None:
        # Not allowed, and sent by some beside a result.
        del data["error"]
    data.setdefault("result" if kind is Kind.RESPONSE else "params", None)
    try:
        return Incoming(kind, known, method, structure(data), _uri(data))
    except JsonRpcException as error:
        code = INVALID_PARAMS if kind is Kind.REQUEST else error.code
        return Incoming(kind, known, method, None, _uri(data), code, "the parameters are not understood")


def _kind(data: dict[str, Any]) -> Kind:
    if "method" not in data:
        return Kind.RESPONSE if _id(data) is not None and {"result", "error"} & set(data) else Kind.NOTHING
    if not isinstance(data["method"], str):
        return Kind.NOTHING
    if "id" not in data:
        return Kind.NOTIFICATION
    return Kind.NOTHING if _id(data) is None else Kind.REQUEST


def _id(data: dict[str, Any]) -> int | str | None:
    found = data.get("id")
    return found if isinstance(found, int | str) and not isinstance(found, bool) else None


def _uri(data: dict[str, Any]) -> str:
    found: Any = data.get("params")
    for name in ("textDocument", "uri"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
