"""Every protocol type keeps one exact JSON form: what one version writes, another reads."""

import importlib
import json
import pkgutil
from pathlib import Path

import pytest
from pydantic import ValidationError

import agent.protocol
from agent.protocol.event import UnknownEvent
from agent.protocol.value import Value

EXACT = Path(__file__).parent.parent / "data" / "protocol" / "exact.jsonl"
EXAMPLES = [json.loads(line) for line in EXACT.read_text(encoding="utf-8").splitlines()]


def _types() -> dict[str, type[Value]]:
    found: dict[str, type[Value]] = {}
    for module in pkgutil.iter_modules(agent.protocol.__path__):
        for name, kind in vars(importlib.import_module(f"agent.protocol.{module.name}")).items():
            if isinstance(kind, type) and issubclass(kind, Value) and kind is not Value:
                found[name] = kind
    return found


TYPES = _types()
READABLE = [example for example in EXAMPLES if example["type"] != UnknownEvent.__name__]


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def test_every_protocol_type_has_an_example() -> None:
    assert {example["type"] for example in EXAMPLES} == set(TYPES)


@pytest.mark.parametrize("example", READABLE, ids=lambda example: example["type"])
def test_an_example_is_read_and_written_back_to_the_byte(example: dict) -> None:
    kind = TYPES[example["type"]]
    value = kind.model_validate_json(_text(example["value"]))
    assert value.model_dump_json() == _text(example["value"])
    assert kind.model_validate_json(value.model_dump_json()) == value


@pytest.mark.parametrize("example", READABLE, ids=lambda example: example["type"])
def test_an_example_names_every_field_in_its_order(example: dict) -> None:
    kind = TYPES[example["type"]]
    assert list(example["value"]) == list(kind.model_fields)


@pytest.mark.parametrize("example", READABLE, ids=lambda example: example["type"])
def test_a_field_that_nobody_knows_is_refused(example: dict) -> None:
    with pytest.raises(ValidationError):
        TYPES[example["type"]].model_validate_json(_text({**example["value"], "surprise": 1}))


@pytest.mark.parametrize("example", READABLE, ids=lambda example: example["type"])
def test_a_value_cannot_be_changed_after_it_was_made(example: dict) -> None:
    value = TYPES[example["type"]].model_validate_json(_text(example["value"]))
    with pytest.raises(ValidationError):
        setattr(value, next(iter(type(value).model_fields)), None)


def test_equal_content_is_equal() -> None:
    for example in READABLE:
        kind, text = TYPES[example["type"]], _text(example["value"])
        assert kind.model_validate_json(text) == kind.model_validate_json(text)
