"""Makes the desk: the part of a start that may take longer than a first paint."""

from collections.abc import Callable
from pathlib import Path

from agent.client.checkout import checkout_of
from agent.client.client import Client
from agent.client.launch import finder
from agent.config import load_user, state_dir
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.feed.feed import Link, LinkState

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
