"""`ratchet tui --web` as a process, for as long as a test needs it."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def serving(*options: str, environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the address that it prints."""
    command = [sys.executable, "-m", "agent", "tui", "--web", *options]
    served = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
    )
    assert served.stdout is not None
    try:
        yield served.stdout.readline().removeprefix("open ").strip()
    finally:
        served.send_signal(signal.SIGINT)
        served.stdout.close()
        served.wait(30)
