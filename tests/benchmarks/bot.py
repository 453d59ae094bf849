"""Figures of the bot beside their limits: `python -m tests.benchmarks.bot`.

1,000 deliveries in ten seconds from 8 client processes through `ratchet bot serve` into a real daemon, each
of them a new task; then as many forged ones, and as many at once as go. Nobody works on the tasks. A paced
delivery is due at its moment, also while its client still waits for the one before: both times are printed.
"""

import argparse
import contextlib
import http.client
import math
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.daemon import Sheet
from tests.bot.deliveries import SECRET, comment, encoded, headers
from tests.bot.forging import forgery
from tests.daemon.daemon_process import ROOT, DaemonProcess

CLIENTS = 8
_MINE = 1_000_000
"""Deliveries of one client have numbers of their own."""


class Sent(NamedTuple):
    """A delivery that was answered."""

    status: int
    seconds: float
    """From sending it to the answer."""
    overdue: float
    """From when it was due to the answer."""
    end: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every figure beside its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parsed = parser.parse_args(arguments)
    sheet = Sheet()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    with (
        tempfile.TemporaryDirectory(prefix="ratchet-bench-") as folder,
        DaemonProcess(Path(folder), "--workers", "0", environ={"GITHUB_TOKEN": ""}) as daemon,
        served(Path(folder)) as port,
    ):
        measure(sheet, daemon, port, parsed.deliveries, parsed.seconds)
    print(f"\nload after: {os.getloadavg()[0]:.1f}")
    return 0


def measure(sheet: Sheet, daemon: DaemonProcess, port: int, count: int, seconds: float) -> None:
    """Print what comes of so many deliveries, paced, forged and at once."""
    paced = together(port, count, seconds, seed=1)
    _show(sheet, "paced", paced)
    sheet.at_most("paced: slowest, from when it was due", max(one.overdue for one in paced), 2.0, "s")
    _show_forged(sheet, together(port, count, seconds, seed=2, forged=True))
    _show(sheet, "at once", together(port, count, 0.0, seed=3))
    with daemon.client() as asked:
        made = sum(one["tasks"] for one in asked.get("/v1/repositories").json())
    sheet.at_least("tasks made", made, 2 * count, "")


def _show(sheet: Sheet, name: str, sent: Sequence[Sent]) -> None:
    late = sorted(one.seconds for one in sent)
    sheet.at_least(f"{name}: answered with 202", sum(one.status == 202 for one in sent), len(sent), "")
    sheet.at_most(f"{name}: slowest answer (GitHub gives up after 10 s)", late[-1], 2.0, "s")
    sheet.note(f"{name}: p50, p99 of the answers", f"{_at(late, 0.5):.0f}, {_at(late, 0.99):.0f} ms")
    ends = [one.end for one in sent]
    sheet.note(f"{name}: answers a second", f"{len(ends) / (max(ends) - min(ends)):.0f}")


def _show_forged(sheet: Sheet, sent: Sequence[Sent]) -> None:
    late = sorted(one.seconds for one in sent)
    wrong = sum(one.status == 202 or one.status >= 500 for one in sent)
    sheet.at_most("forged: accepted, or errors of ours", wrong, 0, "")
    sheet.at_most("forged: p99 of the answers", _at(late, 0.99), 50.0, "ms")


def _at(late: Sequence[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    return late[math.ceil(part * len(late)) - 1] * 1000


@contextlib.contextmanager
def served(state: Path) -> Iterator[int]:
    """Run `ratchet bot serve` on a state directory; yields its port."""
    config = state / "config.toml"
    config.write_text('[bot]\nlogin = "ratchet-user"\n')
    environ = {
        "PYTHONPATH": str(ROOT),
        "RATCHET_CONFIG": str(config),
        "RATCHET_STATE_DIR": str(state),
        "RATCHET_WEBHOOK_SECRET": SECRET.decode(),
        "GITHUB_TOKEN": "of-nobody",
    }
    command = [sys.executable, "-P", "-m", "agent", "bot", "serve", "--port", "0"]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, env={**os.environ, **environ}, stderr=said) as bot,
    ):
        try:
            yield _port(said.fileno(), bot)
        finally:
            bot.terminate()


def _port(said: int, bot: "subprocess.Popen[bytes]") -> int:
    while bot.poll() is None:
        for line in os.pread(said, 10_000, 0).decode().splitlines():
            if "http://" in line:
                return int(line.rpartition(":")[2].partition("/")[0])
        time.sleep(0.05)
    raise AssertionError(os.pread(said, 10_000, 0).decode())


def together(port: int, count: int, seconds: float, *, seed: int, forged: bool = False) -> list[Sent]:
    """Send deliveries from all clients, evenly over some seconds; returns what came of each."""
    each = count // CLIENTS
    asked = [(port, seed * CLIENTS + client, each, seconds, forged) for client in range(CLIENTS)]
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as clients:
        return [one for sent in clients.starmap(send, asked) for one in sent]


def send(port: int, client: int, count: int, seconds: float, forged: bool) -> list[Sent]:
    """Send the deliveries of one client."""
    dice = random.Random(client)
    began = time.monotonic()
    sent = []
    for number in range(count):
        due = began + seconds * number / count
        time.sleep(max(0.0, due - time.monotonic()))
        before = time.monotonic()
        status = _forged(port, dice) if forged else _right(port, client * _MINE + number)
        now = time.monotonic()
        sent.append(Sent(status, now - before, now - due, now))
    return sent


def _right(port: int, number: int) -> int:
    body = encoded(comment(id=number))
    return _sent(port, list(headers("issue_comment", body).items()), body)


def _forged(port: int, dice: random.Random) -> int:
    made = forgery(dice)
    while made.kind == "_huge":
        # Its time is that of the network.
        made = forgery(dice)
    return _sent(port, made.headers, made.body)


def _sent(port: int, given: Sequence[tuple[str | bytes, str | bytes]], body: bytes) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.putrequest("POST", "/webhook")
        for name, value in given:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read()
        return answer.status


if __name__ == "__main__":
    sys.exit(main())
