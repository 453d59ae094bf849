"""Makes the bytes of a message, whatever a handler put into it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cattrs import Converter
from lsprotocol import types

_DEEPEST = 2
"""Values below this level are encoded in one go, those above apart: no long list holds up other threads."""
_WRONG = (TypeError, ValueError, AttributeError, KeyError, RecursionError)


@dataclass(frozen=True, slots=True)
class Json:
    """An answer that is plain JSON already: many objects of lsprotocol take longer than all the rest."""

    value: Any


def encoded(message: Any, converter: Converter) -> bytes:
    """Return a message with its header; an answer that cannot be encoded becomes an error, others nothing."""
    try:
        return framed(_plain(message, converter))
    except _WRONG as error:
        msg_id = message.get("id") if isinstance(message, dict) else getattr(message, "id", None)
        if msg_id is None or hasattr(message, "method"):
            return b""
        reason = f"internal error: the answer cannot be written ({type(error).__name__})"
        return framed({"jsonrpc": "2.0", "id": msg_id, "error": _error(reason)})


def framed(plain: Any) -> bytes:
    """Return a plain value as it is sent; raises ValueError for what JSON cannot say."""
    body = "".join(_pieces(plain, _DEEPEST)).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _plain(message: Any, converter: Converter) -> Any:
    return message if isinstance(message, dict) else converter.unstructure(message)


def _error(reason: str) -> dict[str, Any]:
    return {"code": types.ErrorCodes.InternalError.value, "message": reason}


def _pieces(value: Any, deep: int) -> Iterator[str]:
    if deep and isinstance(value, dict) and value:
        for place, (name, one) in enumerate(value.items()):
            yield f"{',' if place else '{'}{json.dumps(str(name))}:"
            yield from _pieces(one, deep - 1)
        yield "}"
    elif deep and isinstance(value, list | tuple) and value:
        for place, one in enumerate(value):
            yield "," if place else "["
            yield from _pieces(one, deep - 1)
        yield "]"
    else:
        yield json.dumps(value, allow_nan=False)
