"""A YAML document of unknown origin as plain values, within bounds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from agent.protocol.errors import RatchetError

Plain: TypeAlias = "bool | int | float | str | Sequence[Plain] | Mapping[str, Plain] | None"

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
MAX_NODES = 50_000
"""With what aliases stand for counted each time."""

NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What escapes can say and no file, argument or JSON holds."""

# YAML 1.2 core schema (yaml.org/spec/1.2.2, 10.3.2), so that `on` and `yes` are words.
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE, _FALSE = {"true", "True", "TRUE"}, {"false", "False", "FALSE"}
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,30}|[0-9]{1,30}(?:\.[0-9]{0,30})?)(?:[eE][-+]?[0-9]{1,3})?")


class BadWorkflow(RatchetError):
    """A workflow file that cannot be read as one; nothing of it is used."""

    code = "workflow"


def read_document(data: bytes) -> Plain:
    """Return the one document of a YAML file with aliases resolved; raises BadWorkflow."""
    if len(data) > MAX_BYTES:
        raise BadWorkflow(f"the workflow file is larger than {MAX_BYTES // 1024} KiB")
    try:
        text = data.decode("utf-8-sig")
        return _Reading(YAML(typ="safe", pure=True).parse(text)).document()
    except UnicodeDecodeError:
        raise BadWorkflow("the workflow file is no UTF-8 text") from None
    except (YAMLError, ValueError, IndexError, RecursionError) as error:
        # Besides its own errors the parser lets a few of Python's out, for text that is no YAML.
        first = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise BadWorkflow(f"the workflow file is no YAML: {first}") from error


@dataclass(slots=True)
class _Reading:
    events: Iterator[Event]
    anchors: dict[str, tuple[Plain, int]] = field(default_factory=dict)
    nodes: int = 0

    def document(self) -> Plain:
        """Return the first document, and refuse a second one."""
        found: list[Plain] = []
        for event in self.events:
            if isinstance(event, DocumentStartEvent) and found:
                raise BadWorkflow("the workflow file has more than one document")
            if isinstance(event, NodeEvent):
                found.append(self._node(event, 0))
        return found[0] if found else None

    def _node(self, event: NodeEvent, depth: int) -> Plain:
        if depth > MAX_DEPTH:
            raise BadWorkflow(f"the workflow file is nested more than {MAX_DEPTH} deep")
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if isinstance(event, ScalarEvent) and NO_TEXT.search(event.value):
            raise BadWorkflow("a value of the workflow file is no text")
        before = self.nodes
        self._count(1)
        value = self._value(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.nodes - before)
        return value

    def _value(self, event: NodeEvent, depth: int) -> Plain:
        if isinstance(event, SequenceStartEvent):
            return [self._node(one, depth + 1) for one in self._inside()]
        if isinstance(event, MappingStartEvent):
            return self._mapping(depth + 1)
        assert isinstance(event, ScalarEvent)
        return scalar(event.value) if event.style is None and event.implicit[0] else str(event.value)

    def _mapping(self, depth: int) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for event in self._inside():
            if not isinstance(event, ScalarEvent) or NO_TEXT.search(event.value):
                raise BadWorkflow("a key of the workflow file is no text")
            if event.value in found:
                raise BadWorkflow(f"the key {event.value[:100]!r} stands twice in the workflow file")
            self._count(1)
            found[event.value] = self._node(_next_node(self.events), depth)
        return found

    def _inside(self) -> Iterator[NodeEvent]:
        for event in self.events:
            if isinstance(event, CollectionEndEvent):
                return
            assert isinstance(event, NodeEvent)
            yield event

    def _alias(self, event: AliasEvent) -> Plain:
        if event.anchor not in self.anchors:
            raise BadWorkflow("an alias of the workflow file stands for nothing before it")
        value, size = self.anchors[event.anchor]
        self._count(size)
        return value

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise BadWorkflow(f"the workflow file says more than {MAX_NODES} things")


def _next_node(events: Iterator[Event]) -> NodeEvent:
    event: Any = next(events)
    assert isinstance(event, NodeEvent)
    return event


def scalar(text: str) -> bool | int | float | str | None:
    """Return what a plain scalar means in YAML 1.2."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def shown(value: Plain) -> str:
    """Return a value as GitHub puts it into a text; what is no scalar becomes `Object` or `Array`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, str | int):
        return str(value)
    return "Object" if isinstance(value, Mapping) else "Array"
