"""Event logs load forever, and what a newer version wrote is kept."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.protocol.event import Body, Event, UnknownEvent, parse_event

LOGS = Path(__file__).parent.parent / "data" / "logs"


def _read(log: Path) -> list[Event]:
    return [parse_event(json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "log", sorted(LOGS.glob("*/*.jsonl")), ids=lambda log: f"{log.parent.name}-{log.stem}"
)
def test_a_log_of_any_version_still_loads_and_loses_no_field(log: Path) -> None:
    for line, event in zip(log.read_text(encoding="utf-8").splitlines(), _read(log), strict=True):
        then, now = json.loads(line), json.loads(event.model_dump_json())
        assert _within(then, now)


def _within(then: object, now: object) -> bool:
    """True when `now` holds all of `then`; newer versions may have added fields."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(key in now and _within(value, now[key]) for key, value in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(_within, then, now))
    return then == now


def test_the_newest_version_s_log_holds_every_kind_of_event() -> None:
    kinds = {type(event.body) for event in _read(max(LOGS.iterdir()) / "every-event.jsonl")}
    assert kinds == {*Body.__args__, UnknownEvent}


def test_an_event_of_a_newer_version_is_kept_as_it_was() -> None:
    body = {"type": "ReceiptSigned", "key": "k1", "data": {"nested": [1, None]}}
    written = {
        "seq": 3,
        "task_id": "t",
        "step_key": "receipt",
        "recorded_at": 1,
        "seconds": 0.5,
        "body": body,
    }
    event = parse_event(written)
    assert isinstance(event.body, UnknownEvent)
    assert json.loads(event.model_dump_json()) == written
    assert parse_event(json.loads(event.model_dump_json())) == event


def test_a_known_event_that_is_malformed_is_an_error_and_not_an_unknown_one() -> None:
    body = {"type": "TaskFinished", "outcome": "no such outcome", "reason": ""}
    with pytest.raises(ValidationError):
        parse_event({"seq": 1, "task_id": "t", "step_key": "end", "recorded_at": 1, "body": body})


@pytest.mark.parametrize("body", [None, [], "TaskFinished", {}, {"type": 3}])
def test_a_record_without_a_typed_body_is_an_error(body: object) -> None:
    with pytest.raises(ValidationError):
        parse_event({"seq": 1, "task_id": "t", "step_key": "end", "recorded_at": 1, "body": body})


def test_every_event_is_tagged_by_its_class_name() -> None:
    for kind in Body.__args__:
        assert kind.model_fields["type"].default == kind.__name__
