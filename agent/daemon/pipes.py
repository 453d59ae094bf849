"""What a process of the daemon's hears and says: its orders on stdin, its reports on stdout."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import IO


def private_pipes() -> tuple[int, IO[bytes]]:
    """Take stdin and stdout away from everything else that runs here; returns orders and reports."""
    orders, reports = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, os.fdopen(reports, "wb", buffering=0)


def end_with_daemon() -> None:
    """End this process and all it started: the daemon is gone, and nobody may go on in its name."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


def obey(orders: int, words: Mapping[str, Callable[[], None]]) -> None:
    """Do what each line of the orders says, in a thread; SIGTERM says `stop`, and their end is ours."""

    def listen() -> None:
        with os.fdopen(orders) as lines:
            for line in lines:
                words.get(line.strip(), _nothing)()
        end_with_daemon()

    signal.signal(signal.SIGTERM, lambda *_: words["stop"]())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=listen, name="orders", daemon=True).start()


def _nothing() -> None:
    """Do not mind what a newer daemon may say."""
