"""Runs a program in a terminal of its own, and says what it wrote there, byte by byte."""

import fcntl
import os
import pty
import selectors
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def written(
    arguments: Sequence[str],
    *,
    rows: int = 24,
    columns: int = 80,
    environment: Mapping[str, str] = COLOURS,
    seconds: float = 300,
) -> tuple[int, bytes]:
    """Run Python with these arguments until it ends; return its exit status and all that it wrote."""
    ours, theirs = pty.openpty()
    # Nothing of what is written may be changed on its way to us, not even the ends of lines.
    tty.setraw(theirs)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | dict(environment),
        start_new_session=True,
        # Then it ends with the terminal, whatever ends us.
        preexec_fn=_take_terminal,
    )
    os.close(theirs)
    try:
        data = _all(ours, seconds)
        return process.wait(timeout=30), data
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _all(terminal: int, seconds: float) -> bytes:
    until, pieces = time.monotonic() + seconds, []
    with selectors.DefaultSelector() as selector:
        selector.register(terminal, selectors.EVENT_READ)
        while selector.select(max(0.0, until - time.monotonic())):
            try:
                piece = os.read(terminal, 1 << 16)
            except OSError:
                # Linux says EIO when the last one who had it open is gone.
                return b"".join(pieces)
            pieces.append(piece)
    raise TimeoutError(f"still writing after {seconds:.0f} s: {b''.join(pieces)[-200:]!r}")
