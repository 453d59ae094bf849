"""A log is read line by line, and says which line is none of an event."""

from pathlib import Path

import pytest

from agent.protocol.event import UnknownEvent
from agent.protocol.log import parse_log

WHOLE = (Path(__file__).parents[1] / "data" / "logs" / "v3" / "every-event.jsonl").read_text(encoding="utf-8")


def test_every_event_is_read_in_order_and_one_of_a_newer_version_is_kept() -> None:
    events = parse_log(WHOLE)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert isinstance(events[-1].body, UnknownEvent)
    assert parse_log("\n\n" + WHOLE) == events


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\x0c", "\x1c"])
def test_what_ends_lines_elsewhere_does_not_end_one_here(odd: str) -> None:
    line = WHOLE.splitlines()[0].replace(
        "make test", f"make{odd}test" if ord(odd) > 31 else "make\\u000ctest"
    )
    assert len(parse_log(line)) == 1


@pytest.mark.parametrize(
    "broken", ["nothing", "[]", "{}", '{"body": {"type": "TaskFinished"}}', '{"seq": 1,']
)
def test_a_line_that_is_no_event_is_named(broken: str) -> None:
    first = WHOLE.splitlines()[0]
    with pytest.raises(ValueError, match="line 3 is no event"):
        parse_log(f"{first}\n\n{broken}\n")
