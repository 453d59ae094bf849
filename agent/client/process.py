"""A daemon as a process of this machine: started detached, and waited for when it ends."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from agent.client.problems import DaemonUnavailable

LOG = Path("logs", "start.log")
"""What a daemon says before, or instead of, writing its own log."""
_LOG_LIMIT = 1 << 20
_TAIL = 4000


@dataclass(frozen=True, slots=True)
class Started:
    """A daemon on its way up."""

    process: "subprocess.Popen[bytes]"
    log: Path
    offset: int
    """Where in the log its own words begin."""

    def said(self) -> str:
        """Return the end of what it wrote."""
        with self.log.open("rb") as file:
            file.seek(self.offset)
            return file.read()[-_TAIL:].decode("utf-8", "replace").strip()


def command(state: Path) -> list[str]:
    """Return the command line of a daemon; it never imports from the directory it is started in."""
    return [sys.executable, "-P", "-m", "agent.daemon", "--state", str(state)]


def start(state: Path) -> Started:
    """Start a daemon in a session of its own; raises DaemonUnavailable when that is not possible."""
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = state / LOG
        log.parent.mkdir(exist_ok=True, mode=0o700)
        with log.open("ab") as file:
            if file.tell() > _LOG_LIMIT:
                file.truncate(0)
                file.seek(0)
            started = Started(_detached(state, file.fileno()), log, file.tell())
    except OSError as error:
        raise DaemonUnavailable(
            f"the daemon cannot be started: {error.strerror}: {error.filename or state}",
            hint="`ratchet doctor` says what is wrong; RATCHET_STATE_DIR names another directory",
        ) from None
    # Somebody has to take its exit status, or it would stay as a zombie of a long-lived front end.
    threading.Thread(target=started.process.wait, name="daemon exit", daemon=True).start()
    return started


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[:1] != ["Z"]


def _detached(state: Path, log: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command(state),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        start_new_session=True,
    )
