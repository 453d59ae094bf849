"""What the doctor finds about the daemon: none, a healthy one, one of another version, one that hangs."""

import asyncio
import os
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import agent
from agent.client import launch
from agent.protocol.api import API_VERSION, Health
from agent.protocol.errors import RatchetError
from sandboxes.doctor import Finding, Level

_DRIFT = 120
"""Seconds by which wall clock and running time may differ before the clock has jumped."""


def daemon_findings(state: Path) -> Iterator[Finding]:
    """Look at the daemon of a state directory; none is started."""
    try:
        found = asyncio.run(launch.running(state))
    except RatchetError as error:
        yield Finding("daemon", Level.FAIL, f"It answers: {error.message}.", f"{error.hint}.")
        return
    if found is not None:
        yield _version(found[1])
        yield from (_problem(problem) for problem in found[1].problems)
        yield from _clock(found[1])
    elif (pid := launch.silent(state)) is not None:
        yield _hanging(pid)
    else:
        yield _absent(state)


def _version(health: Health) -> Finding:
    said = f"version {health.version}, process {health.pid}"
    tasks = f"{health.running} tasks running, {health.queued} queued"
    if health.version == agent.__version__:
        return Finding("daemon", Level.OK, f"{said}, {tasks}")
    level = Level.FAIL if health.api != API_VERSION else Level.WARN
    return Finding(
        "daemon",
        level,
        f"It is of another version than this command ({agent.__version__}): {said}, {tasks}.",
        "`ratchet daemon stop`: the next command starts the right one, and its tasks go on.",
    )


def _problem(problem: str) -> Finding:
    what, _, remedy = problem.partition("; ")
    return Finding(
        "daemon", Level.FAIL, f"It says: {what}.", f"{remedy or '`ratchet daemon logs` has more'}."
    )


def _clock(health: Health) -> Iterator[Finding]:
    running = _seconds_running(health.pid)
    if running is None:
        return
    jump = (time.time() - health.started_at) - running
    if abs(jump) > _DRIFT:
        direction = "forward" if jump > 0 else "back"
        yield Finding(
            "clock",
            Level.WARN,
            f"The clock went {direction} by {abs(jump) / 60:.0f} min since the daemon was started.",
            "Check it (`timedatectl`); deadlines may come early or late, nothing is lost.",
        )


def _seconds_running(pid: int) -> float | None:
    """Return how long a process has run, by a clock that nobody sets; None where it is not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        ticks = int(fields.split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return None


def _hanging(pid: int) -> Finding:
    return Finding(
        "daemon",
        Level.FAIL,
        f"Process {pid} is the daemon, and does not answer.",
        f"`ratchet daemon logs` says what it does; `kill -9 {pid}` ends it, and no task is lost.",
    )


def _absent(state: Path) -> Finding:
    path = state / "daemon.sock"
    if _is_taken(path):
        return Finding(
            "daemon",
            Level.FAIL,
            f"Another program listens on {path}, so that no daemon can start.",
            f"End it (`fuser {path}` names it), or set RATCHET_STATE_DIR to another folder.",
        )
    return Finding("daemon", Level.OK, "none runs; the first command that needs one starts it")


def _is_taken(path: Path) -> bool:
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            return True
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            probe.connect(str(path))
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return False
    except OSError:
        return path.exists()
    return True
