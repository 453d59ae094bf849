"""Find the daemon of a state directory, or start it: one for all who ask, of a version that fits."""

import asyncio
import fcntl
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import httpx
from packaging.version import Version

import agent
from agent.client import process, registration
from agent.client.connection import Find, open_http
from agent.client.problems import DaemonUnavailable, error_of
from agent.client.registration import Address
from agent.protocol.api import API_VERSION, Health
from agent.protocol.errors import UsageError

START_SECONDS = 30.0
STOP_SECONDS = 30.0
_HEALTH_SECONDS = 5.0
_POLL_SECONDS = 0.05
_AGAIN_SECONDS = 0.5
_ALREADY_RUNNING = 3
"""Exit status of a daemon whose state directory has one."""
_STARTING, _LOCK = "starting.lock", "daemon.lock"

_ITS_WORDS = re.compile(r"^ratchet daemon: (.+)(?:\nhint: (.+))?", re.MULTILINE)

Note = Callable[[str], None]
"""Takes one sentence for the user."""


def finder(state: Path, note: Note, front_end: str = "cli") -> Find:
    """Return what a Client asks for the daemon of a state directory, started when there is none."""

    async def find() -> Address:
        return await ensure(state, note, front_end)

    return find


async def ensure(state: Path, note: Note, front_end: str = "cli") -> Address:
    """Return the address of a running daemon that fits this version; raises RatchetError."""
    state = state.absolute()
    found = await fitting(state, note, front_end)
    if found is not None:
        return found
    async with _one_at_a_time(state):
        # Whoever held the lock before may have started it.
        found = await fitting(state, note, front_end)
        return found or await _start(state, note, front_end)


async def running(state: Path, front_end: str = "cli") -> tuple[Address, Health] | None:
    """Return the daemon that answers for a state directory; None when none does. Starts nothing."""
    written = registration.read(state)
    if written is None:
        return None
    address = registration.address(state, written, front_end)
    try:
        async with open_http(address) as http:
            response = await http.get("/v1/health", timeout=_HEALTH_SECONDS)
    except httpx.TransportError:
        return None
    if response.is_error:
        raise error_of(response)
    return address, Health.model_validate_json(response.content, extra="ignore")


def silent(state: Path) -> int | None:
    """Return the process of a daemon that holds a state directory; for when it does not answer."""
    written = registration.read(state)
    try:
        with (state / _LOCK).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return written.pid if written else None
    except OSError:
        return None
    return None


async def fitting(state: Path, note: Note, front_end: str = "cli") -> Address | None:
    """Return a running daemon that this version can use; an older one without work is stopped.

    Raises UsageError for one that is too new, or too old and at work.
    """
    found = await running(state, front_end)
    if found is None:
        return None
    address, health = found
    if health.api > API_VERSION:
        raise UsageError(
            f"the running daemon is newer (Ratchet {health.version}) than this command ({agent.__version__})",
            hint="upgrade this one, or `ratchet daemon stop` with the newer one",
        )
    if Version(health.version) >= Version(agent.__version__):
        return address
    if health.idle:
        note(f"replacing the daemon of version {health.version} by {agent.__version__}")
        await stop(state, drain=True)
        return None
    if health.api < API_VERSION:
        raise UsageError(
            f"the running daemon is of version {health.version}, and at work",
            hint="wait until it is idle, or `ratchet daemon stop`; its tasks go on under the new one",
        )
    note(f"the daemon is still of version {health.version}; it is replaced once it is idle")
    return address


async def stop(state: Path, *, drain: bool) -> Health | None:
    """End the daemon of a state directory and wait until its process is gone; None when none runs.

    With `drain` it finishes what runs first, for as long as that takes. Raises DaemonUnavailable.
    """
    found = await running(state.absolute())
    if found is None:
        pid = silent(state)
        if pid is not None:
            raise DaemonUnavailable(
                f"the daemon (process {pid}) does not answer",
                hint=f"`kill -9 {pid}` ends it; no task is lost",
            )
        return None
    address, health = found
    async with open_http(address) as http:
        response = await http.post("/v1/shutdown", json={"drain": drain})
    if response.is_error:
        raise error_of(response)
    end = time.monotonic() + STOP_SECONDS
    while process.is_alive(health.pid):
        if not drain and time.monotonic() > end:
            raise DaemonUnavailable(
                f"the daemon (process {health.pid}) does not end", hint=f"kill -9 {health.pid} ends it"
            )
        await asyncio.sleep(_POLL_SECONDS)
    return health


async def _start(state: Path, note: Note, front_end: str) -> Address:
    started = process.start(state)
    note(f"starting the daemon (process {started.process.pid})")
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        found = await running(state, front_end)
        if found is not None:
            return found[0]
        status = started.process.poll()
        if status == _ALREADY_RUNNING:
            # The one before it is about to end, or one that somebody else started is not up yet.
            await asyncio.sleep(_AGAIN_SECONDS)
            started = process.start(state)
        elif status is not None:
            break
        await asyncio.sleep(_POLL_SECONDS)
    raise _why_not(started.said())


def _why_not(said: str) -> DaemonUnavailable:
    """Return the error of a daemon that did not come up, in its own words when it found some."""
    match = _ITS_WORDS.search(said)
    if match is None:
        hint = "`ratchet doctor` says what is wrong; --foreground does without it"
        return DaemonUnavailable("the daemon did not come up", hint=hint, log=said)
    return DaemonUnavailable(f"the daemon cannot start: {match[1]}", hint=match[2] or "see `ratchet doctor`")


@asynccontextmanager
async def _one_at_a_time(state: Path) -> AsyncIterator[None]:
    """Let only one front end start a daemon; the others wait for it."""
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (state / _STARTING).open("w")
    except OSError as error:
        raise DaemonUnavailable(
            f"the state directory {state} cannot be written: {error.strerror}",
            hint="free some disk space, make it writable, or set RATCHET_STATE_DIR",
        ) from None
    with file:
        while not _locked(file):
            await asyncio.sleep(_POLL_SECONDS)
        yield


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
