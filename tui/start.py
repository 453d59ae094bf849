"""Makes the desk: the part of a start that may take longer than a first paint."""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from agent.client.checkout import checkout_of
from agent.client.client import Client
from agent.client.launch import finder
from agent.config import load_user, state_dir
from agent.protocol.errors import UsageError
from agent.protocol.event import Event
from agent.protocol.log import parse_log
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.feed.feed import Link, LinkState
from tui.feed.recording import RecordedFeed

FRONT_END = "tui"


def with_daemon(folder: Path) -> Callable[[RatchetApp], Desk]:
    """Return what makes a desk on the daemon; raises UsageError."""
    settings, here = load_user(), folder.resolve()
    repository = checkout_of(here)

    def make(app: RatchetApp) -> Desk:
        told = Told(app)

        def note(sentence: str) -> None:
            told.linked(LinkState(Link.CONNECTING, sentence))

        client = Client(finder(state_dir(), note, FRONT_END))
        return Desk(told, DaemonFeed(client, told), client, here, repository, settings)

    return make


def read_recording(path: Path) -> list[Event]:
    """Return the events of recorded tasks, as `--events` prints them; raises UsageError."""
    hint = "`ratchet tasks show TASK --events > LOG.jsonl` writes one"
    try:
        events = parse_log(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=hint) from None
    except ValueError as error:
        raise UsageError(f"{path} is no log of a task: {error}", hint=hint) from None
    if not events:
        raise UsageError(f"{path} is no log of a task: it is empty", hint=hint)
    return events


def from_recording(events: Sequence[Event], speed: float, folder: Path) -> Callable[[RatchetApp], Desk]:
    """Return what makes a desk on recorded tasks, played at `speed` times their pace, 0 for at once."""
    task = attrgetter("task_id")
    logs = [list(log) for _, log in groupby(sorted(events, key=task), key=task)]

    def make(app: RatchetApp) -> Desk:
        told = Told(app)
        return Desk(told, RecordedFeed(logs, told, speed=speed), None, folder.resolve(), None, load_user())

    return make
