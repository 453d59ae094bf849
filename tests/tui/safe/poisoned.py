"""Recorded tasks in which every text is one that does something to a terminal, unless it is kept out."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agent.protocol.event import Event, parse_event

LOG = Path(__file__).parents[2] / "data" / "logs" / "v3" / "every-event.jsonl"
_FIRST_ATTEMPT = 21
_KEPT = frozenset({"type", "task_id", "step_key", "approval_id", "id", "old", "new", "content"})
"""What things are told apart by, and bytes."""
_HASH = re.compile("[0-9a-f]{32,64}$")
_LINES = 24

Path_ = tuple[str | int, ...]


def poisoned(texts: Sequence[str]) -> list[Event]:
    """Return three tasks in which the texts stand, one after the other and over again, wherever one can."""
    marked = _marked(texts)
    made: list[Event] = []
    for task_id, upto in (("t1", _FIRST_ATTEMPT), ("t2", None), ("t3", _FIRST_ATTEMPT - 3)):
        for document in _documents()[:upto]:
            made.append(_poison(document | {"task_id": task_id}, marked))
    return made


def _documents() -> list[dict[str, Any]]:
    return [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()]


def _marked(texts: Sequence[str]) -> Iterator[str]:
    number = 0
    while True:
        for text in texts:
            yield f"p{number % len(texts)}:{text}"
            number += 1


def _poison(document: dict[str, Any], marked: Iterator[str]) -> Event:
    """Put a text wherever the event stays one with it: in all of its words, in none of its enumerations."""
    for place in list(_places(document["body"])):
        name = next(part for part in reversed(place) if isinstance(part, str))
        before = _at(document["body"], place)
        text = _diff(marked) if name in ("diff", "detail") else next(marked)
        _put(document["body"], place, text)
        try:
            parse_event(document)
        except ValueError:
            # It is none of the enumeration, or no text that JSON can hold.
            _put(document["body"], place, before)
    return parse_event(document)


def _diff(marked: Iterator[str]) -> str:
    """Return a diff that a reader of diffs accepts."""
    path, *lines = (re.sub("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", "", next(marked)) for _ in range(_LINES))
    changed = "".join(f"-{one}\n+{one}\n" for one in lines)
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
    return f"{head}@@ -1,{len(lines)} +1,{len(lines)} @@ {lines[0]}\n{changed}"


def _places(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Yield where the texts are."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name not in _KEPT:
                yield from _places(one, (*at, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _places(one, (*at, index))
    elif isinstance(value, str) and not _HASH.match(value):
        yield at


def _at(value: Any, place: Path_) -> Any:
    for part in place:
        value = value[part]
    return value


def _put(value: Any, place: Path_, text: str) -> None:
    _at(value, place[:-1])[place[-1]] = text
