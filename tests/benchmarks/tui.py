"""The terminal user interface beside its limits, in a real terminal: `python -m tests.benchmarks.tui`."""

import argparse
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.engine.story import Hold, Performer
from agent.protocol.conversation import Turn
from agent.protocol.event import Body, Event, TaskFinished, TaskSubmitted, TurnTaken
from agent.protocol.model import Role
from agent.protocol.outcome import Outcome
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from tests.benchmarks.index import row, spread
from tests.daemon.daemon_process import ROOT, DaemonProcess, submit
from tests.daemon.scripted_story import ScriptedStory

STARTS = 10
TYPED = 150
PAGES = 200
TURNS = 2_000
LONG = 100_000
"""Lines of a long transcript."""
RATE = 2_000
"""Lines a second while keys are pressed."""
PIECE = RATE // 20
"""Lines of one message."""
TASK = "20261122-bench"
SERVED = [sys.executable, "-m", "tests.benchmarks.tui", "--serve"]
STORY = "tests.benchmarks.tui:PrintingStory"
COMMAND = [sys.executable, "-m", "agent", "tui"]
CHARACTERS = "".join(
    map(chr, (*range(0x3B1, 0x3C9), *range(0x430, 0x450), *range(0x561, 0x587), *range(0x5D0, 0x5EB)))
)
"""Each on screen for the first time when it is typed."""
_PAGE_UP, _HOME, _END = b"\x1b[5~", b"\x1b[H", b"\x1b[F"
_LINE = re.compile(rb"line (\d{6})")
_PATIENCE = 60.0


class Terminal:
    """A program in a terminal of 80 columns and 24 rows, whose output is read as it comes."""

    def __init__(self, command: Sequence[str], state: Path) -> None:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ |= {
            "RATCHET_STATE_DIR": str(state),
            "RATCHET_CONFIG": "/nonexistent",
            "TERM": "xterm-256color",
        }
        environ |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(ROOT / ".work" / "pycache")}
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
        )
        os.close(theirs)

    def press(self, keys: bytes) -> float:
        """Press keys; returns when that was."""
        os.write(self._ours, keys)
        return time.perf_counter()

    def until(self, seen: bytes) -> float:
        """Return when a text was written to the terminal; raises TimeoutError."""
        said, end = b"", time.monotonic() + _PATIENCE
        while seen not in said:
            if time.monotonic() > end:
                raise TimeoutError(f"{seen!r} is not seen: {said[-2000:]!r}")
            said = said[-len(seen) :] + self.read(1.0)
        return time.perf_counter()

    def lower(self, than: int) -> tuple[float, int]:
        """Return when a line with a lower number was written, and its number."""
        said, end = b"", time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            said += self.read(1.0)
            lowest = min(map(int, _LINE.findall(said)), default=than)
            if lowest < than:
                return time.perf_counter(), lowest
        raise TimeoutError(f"no line below {than}: {said[-2000:]!r}")

    def rest(self, quiet: float) -> bytes:
        """Return what is written until nothing is for some seconds."""
        said = b""
        while piece := self.read(quiet):
            said += piece
        return said

    def go_on(self, seconds: float) -> None:
        """Read for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def read(self, seconds: float) -> bytes:
        """Return what is there to read within some seconds."""
        ready, _, _ = select.select([self._ours], [], [], seconds)
        return os.read(self._ours, 1 << 16) if ready else b""

    def memory(self) -> float:
        """Return the MB that the process held at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1000

    def worked(self) -> float:
        """Return the seconds of a processor that the process took."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the program."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)


@contextlib.contextmanager
def terminal(command: Sequence[str], state: Path) -> Iterator[Terminal]:
    """Yield a program that runs in a terminal."""
    one = Terminal(command, state)
    try:
        yield one
    finally:
        one.close()


def first_paint(state: Path) -> None:
    """Print how long it takes until something is seen, byte code being there."""
    times, worked = [], []
    for number in range(STARTS + 1):
        with terminal([*COMMAND, "-C", str(state)], state) as one:
            taken = one.until(b"Ratchet") - one.began
            if number:
                times.append(taken)
                worked.append(one.worked())
    row("command to first paint", "<= 400 ms", spread(times))
    row("  of it by its own work", "", spread(worked))


def keys_while_playing(state: Path) -> None:
    """Print how long it takes from a key to what it writes, while a recorded task prints."""
    with terminal([*SERVED, "stream"], state) as one:
        one.until(b"line 0")
        row(f"key to paint, {RATE:,} lines/s beside it", "p95 <= 50 ms", typing_in(one))


def keys_while_running(daemon: DaemonProcess) -> None:
    """Print the same with the command as it is, and a task of a daemon."""
    with daemon.client() as http:
        submit(http, "print")
    with terminal([*COMMAND, "-C", str(daemon.state)], daemon.state) as one:
        one.until(b"print")
        one.press(b"\r")
        one.until(b"line 0")
        row(f"the same, {RATE:,} lines/s from a daemon", "p95 <= 50 ms", typing_in(one))


def typing_in(one: Terminal) -> str:
    """Return how long it takes from a key to what it writes into the prompt."""
    one.press(b"i")
    one.until(b"Send")
    one.go_on(0.5)
    times = []
    for character in CHARACTERS[:TYPED]:
        pressed = one.press(character.encode())
        times.append(one.until(character.encode()) - pressed)
        # Not in step with the stream.
        one.go_on(0.03 + (len(times) % 7) / 100)
    return spread(times)


class PrintingStory(ScriptedStory):
    """Whose tasks print for as long as they may."""

    def open(self, state: TaskState, hold: Hold) -> Performer:
        """Begin a task."""
        return _Printer(hold)


class _Printer:
    uncounted = 0.0

    def __init__(self, hold: Hold) -> None:
        self._hold = hold

    def perform(self, state: TaskState, step_key: str) -> Body | None:
        """Print until it is to stop."""
        if step_key.endswith("finish"):
            return TaskFinished(outcome=Outcome.INTERRUPTED, reason="it printed")
        began, number = time.monotonic(), 0
        while not self._hold.interrupt.wait(max(0.0, began + number / RATE - time.monotonic())):
            lines = (
                f"line {one % 1_000_000:06} of what a command prints\n"
                for one in range(number, number + PIECE)
            )
            self._hold.on_progress(Progress(phase="verify", output="".join(lines)))
            number += PIECE
        return None

    def close(self) -> None:
        """Have nothing to take down."""


def long_output(state: Path) -> None:
    """Print how output of many lines scrolls, and what it takes."""
    with terminal([*SERVED, "output"], state) as one:
        one.until(f"line {LONG - 1:06}".encode())
        one.rest(0.5)
        lowest, times = LONG, []
        for _ in range(PAGES):
            pressed = one.press(_PAGE_UP)
            seen, lowest = one.lower(lowest)
            times.append(seen - pressed)
            one.rest(0.02)
        row(f"page up in output of {LONG:,} lines", "p95 <= 50 ms", spread(times))
        row(
            "first line, last line",
            "p95 <= 50 ms",
            jumps(one, b"line 000001", f"line {LONG - 1:06}".encode()),
        )
        row("memory at most", "<= 250 MB", f"{one.memory():.0f} MB")


def long_talk(state: Path) -> None:
    """Print how long it takes until a long recorded task is there, how it scrolls, and what it takes."""
    with terminal([*SERVED, "turns"], state) as one:
        one.until(b"turn 0 ends")
        one.rest(0.5)
        times = []
        for _ in range(PAGES):
            pressed = one.press(_PAGE_UP)
            one.until(b"line 0")
            times.append(time.perf_counter() - pressed)
            one.rest(0.02)
        row(f"page up in {TURNS:,} turns, {LONG:,} lines of Markdown", "p95 <= 50 ms", spread(times))
        row("first line, last line", "p95 <= 50 ms", jumps(one, b"cli", b"turn 0 ends"))
        row("memory at most", "<= 250 MB", f"{one.memory():.0f} MB")


def jumps(one: Terminal, first: bytes, last: bytes) -> str:
    """Return how long it takes to jump to the first and to the last line."""
    times = []
    for key, seen in ((_HOME, first), (_END, last)) * 10:
        pressed = one.press(key)
        times.append(one.until(seen) - pressed)
        one.rest(0.02)
    return spread(times)


def serve(what: str) -> None:
    """Show a task that prints, or that many turns were taken in."""
    from tui.app import RatchetApp
    from tui.desk import Desk, Told
    from tui.feed.recording import RecordedFeed
    from tui.messages import OpenTask

    lines = [f"line {number:06} of what a command prints\n" for number in range(LONG)]
    pieces = ["".join(lines[first : first + PIECE]) for first in range(0, LONG, PIECE)]
    told = [] if what == "turns" else [Progress(phase="verify", output=piece) for piece in pieces]
    speed = {"stream": 1.0, "output": 100.0, "turns": 0.0}[what]

    def make(app: RatchetApp) -> Desk:
        heard = Told(app)
        feed = RecordedFeed([[*recorded(TURNS if what == "turns" else 0), *told]], heard, speed=speed)
        if told:
            # Nothing is printed before somebody looks.
            feed.pause()
            feed.step()
            heard.logs.subscribe(app, lambda _: None if feed.playing else feed.pause())
        return Desk(heard, feed, None, ROOT, None)

    RatchetApp(lambda: make, first=OpenTask(TASK)).run()


def recorded(turns: int) -> list[Event]:
    """Return the events of a task in which a model said much."""
    spec = TaskSpec(kind=TaskKind.FIX, repository=str(ROOT), goal="print")
    said = "\n".join(
        f"- line {number:06} with `code` and **weight**" for number in range(LONG // max(1, turns) - 2)
    )
    bodies: list[Body] = [TaskSubmitted(spec=spec)]
    bodies += [
        TurnTaken(turn=Turn(role=Role.EDIT, model="small", text=f"# Turn\n{said}\n\nturn {left} ends"))
        for left in reversed(range(turns))
    ]
    return [
        Event(seq=seq, task_id=TASK, step_key=f"step:{seq}", recorded_at=0, body=body)
        for seq, body in enumerate(bodies, 1)
    ]


def main() -> None:
    """Print every figure beside its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=["stream", "output", "turns"])
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve)
        return
    with tempfile.TemporaryDirectory() as folder, DaemonProcess(Path(folder), "--story", STORY) as daemon:
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        first_paint(daemon.state)
        keys_while_playing(daemon.state)
        keys_while_running(daemon)
        long_output(daemon.state)
        long_talk(daemon.state)


if __name__ == "__main__":
    main()
