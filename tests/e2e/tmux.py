"""A real terminal: tmux, whose screen is read as text and which types what it is told."""

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

PATIENCE = 120.0
"""Seconds; the machine may be busy."""


class Tmux:
    """One terminal with one program; a context manager."""

    def __init__(
        self, command: Sequence[str], folder: Path, environ: Mapping[str, str], *, columns: int, rows: int
    ) -> None:
        settings = folder / "tmux.conf"
        # What a program said before it died is to be read, and Escape is a key of its own.
        settings.write_text("set -g remain-on-exit on\nset -s escape-time 0\n")
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", str(settings)]
        self._environ = {**environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self._new = ["new-session", "-d", "-x", str(columns), "-y", str(rows), "--", *command]

    def __enter__(self) -> "Tmux":
        self._run(*self._new)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)

    def screen(self) -> str:
        """Return what is seen now."""
        return self._run("capture-pane", "-p")

    def type(self, text: str) -> None:
        """Type text as it is."""
        self._run("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._run("send-keys", *keys)

    def wait_for(self, pattern: str) -> str:
        """Return the screen once it matches; raises AssertionError with the last one when it never does."""
        end, screen = time.monotonic() + PATIENCE, ""
        while time.monotonic() < end:
            screen = self.screen()
            if re.search(pattern, screen):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} is not on the screen:\n{screen}")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], env=self._environ, capture_output=True, text=True, check=True
        )
        return done.stdout
