"""GitHub's own examples of deliveries, correctly signed: none of them is too much for us."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.bot.payloads import event_of
from agent.bot.wanted import EVENTS
from agent.sections import BotConfig
from tests.bot.deliveries import encoded, headers
from tests.bot.served import Served
from tests.daemon.daemon_process import DaemonProcess

EXAMPLES = Path(__file__).parents[2] / ".work" / "forge" / "webhooks.json"


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, dict[str, Any]]]:
    """Return each example with its event."""
    listed = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return [(one["name"], example) for one in listed for example in one["examples"]]


def test_each_body_tells_its_event(examples: list[tuple[str, dict[str, Any]]]) -> None:
    assert len(examples) == 329
    told = [(event, event_of(body)) for event, body in examples]
    assert [pair for pair in told if pair[1] != (pair[0] if pair[0] in EVENTS else None)] == []


def test_each_is_answered_and_none_is_an_error(
    examples: list[tuple[str, dict[str, Any]]], resting: DaemonProcess
) -> None:
    with Served(resting.state, BotConfig()) as bot, httpx.Client(timeout=60) as http:
        url = f"http://127.0.0.1:{bot.port}/webhook"
        answers = []
        for event, example in examples:
            body = encoded(example)
            answers.append((event, http.post(url, content=body, headers=headers(event, body)).status_code))
    assert [one for one in answers if one[1] not in (200, 202)] == []
