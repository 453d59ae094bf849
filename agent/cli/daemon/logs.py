"""`ratchet daemon logs`: the daemon's log as lines for people."""

import contextlib
import json
import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.terminal import one_line, sanitize
from agent.protocol.errors import UsageError

_LOG = Path("logs", "daemon.log")
_LOOK_SECONDS = 0.3
_WIDTH = 2000
_OWN_PLACE = ("timestamp", "level", "message", "exception", "logger")


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as they are: JSON Lines.")
def logs(follow: bool, lines: int, as_json: bool) -> None:
    """Print the end of the daemon's log.

    \b
    ratchet daemon logs -f
    ratchet daemon logs -n 1000 --json | jq 'select(.level == "error")'
    """
    from agent.config import state_dir

    path = state_dir() / _LOG
    with shown_to_the_user(as_json), contextlib.suppress(KeyboardInterrupt):
        for line in _lines(path, lines, follow):
            click.echo(sanitize(line.rstrip("\n")) if as_json else _for_people(line))


def _lines(path: Path, last: int, follow: bool) -> Iterator[str]:
    """Yield the last lines of a log and what is added to it; raises UsageError when there is none."""
    try:
        file = _opened(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="`ratchet daemon start` begins a log"
        ) from None
    try:
        yield from deque(file, maxlen=last)
        while follow:
            yield from _whole_lines(file)
            time.sleep(_LOOK_SECONDS)
            if _was_replaced(path, file):
                yield from _whole_lines(file)
                file.close()
                file = _opened(path)
    finally:
        file.close()


def _whole_lines(file: IO[str]) -> Iterator[str]:
    while True:
        before = file.tell()
        line = file.readline()
        if not line.endswith("\n"):
            # The rest of it is being written.
            file.seek(before)
            return
        yield line


def _was_replaced(path: Path, file: IO[str]) -> bool:
    """Say whether the log was rotated away from an open file."""
    try:
        return path.stat().st_ino != os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


def _opened(path: Path) -> IO[str]:
    return path.open(encoding="utf-8", errors="replace")


def _for_people(line: str) -> str:
    """Return a JSON line as `time level message key=value`; any other line as it is."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        return one_line(line, _WIDTH)
    moment = str(entry.get("timestamp", ""))[:19].replace("T", " ")
    more = [f"{key}={value}" for key, value in entry.items() if key not in _OWN_PLACE]
    said = " ".join((moment, f"{entry.get('level', ''):7}", str(entry.get("message", "")), *more))
    trace = str(entry.get("exception", ""))
    return one_line(said, _WIDTH) + (f"\n{sanitize(trace)}" if trace else "")
