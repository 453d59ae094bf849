"""Reads the log of tasks from the JSON Lines that `--events` prints."""

import json

from agent.protocol.event import Event, parse_event


def parse_log(text: str) -> list[Event]:
    """Return the events in their order; raises ValueError, which names the line, for what is no log."""
    events: list[Event] = []
    # Not splitlines: what JSON leaves as it is in a string ends lines for that.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            events.append(_parsed(line))
        except ValueError as error:
            raise ValueError(f"line {number} is no event: {str(error).splitlines()[0]}") from None
    return events


def _parsed(line: str) -> Event:
    document = json.loads(line)
    if not isinstance(document, dict):
        raise ValueError("it is no object")
    return parse_event(document)
