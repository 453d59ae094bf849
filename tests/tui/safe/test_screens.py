"""A task of which every text is hostile is shown like any other, on every screen and in every pane."""

import re
from pathlib import Path

import pytest

from agent.protocol.event import Event
from tests.tui.safe.grammar import read
from tests.tui.safe.payloads import payloads
from tests.tui.safe.poisoned import poisoned
from tests.tui.terminal import COLOURS, written

_MARK = re.compile(r"p(\d+):")
_KEYS = (
    "enter",
    "pagedown",
    "tab",
    "down",
    "enter",
    "pagedown",
    "end",
    "home",
    "tab",
    "down",
    "enter",
    "escape",
)


def _marks(
    folder: Path, events: list[Event], *keys: str, rows: int, columns: int, colours: bool = True
) -> set[str]:
    """Return the marks of the texts that were seen on a tour; see that nothing else came of them."""
    log = folder / "log.jsonl"
    log.write_text("\n".join(event.model_dump_json() for event in events), encoding="utf-8")
    environment = COLOURS if colours else {"TERM": "xterm", "NO_COLOR": "1"}
    tour = ["-m", "tests.tui.safe.tour", str(log), *keys]
    status, data = written(tour, rows=rows, columns=columns, environment=environment)
    assert status == 0, data[-4000:].decode("utf-8", "replace")
    seen = read(data)
    assert not seen.foreign, seen.foreign[:5]
    return set(_MARK.findall(seen.text))


def test_a_hostile_task_is_shown_like_any_other(tmp_path: Path) -> None:
    events = [event for event in poisoned(payloads()) if event.task_id == "t1"]
    assert len(_marks(tmp_path, events, "enter", "down", rows=24, columns=100)) > 30


@pytest.mark.long
@pytest.mark.parametrize("first", [0, 250, 500])
def test_hostile_tasks_are_looked_at_from_all_sides(tmp_path: Path, first: int) -> None:
    turned = payloads()[first:] + payloads()[:first]
    assert len(_marks(tmp_path, poisoned(turned), *_KEYS, rows=100, columns=200)) > 150


@pytest.mark.long
def test_a_hostile_task_is_shown_without_colours_and_in_a_small_terminal(tmp_path: Path) -> None:
    assert len(_marks(tmp_path, poisoned(payloads()), *_KEYS, rows=24, columns=80, colours=False)) > 50
