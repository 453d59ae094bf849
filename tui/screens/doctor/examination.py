"""Runs the doctor in a process of its own, which probes sandboxes as no front end may."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

from agent.protocol.errors import RatchetError
from tui.screens.doctor.report import Report, read

# Never imports from the folder the app was opened in.
COMMAND = (sys.executable, "-P", "-m", "agent", "doctor", "--json")
_PATIENCE_SECONDS = 180
_CLEANING_SECONDS = 5


async def examine(*options: str) -> Report:
    """Return what the doctor finds; raises RatchetError when it finds out nothing."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *options, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            said, beside = await process.communicate()
    except TimeoutError:
        raise RatchetError(
            f"the doctor found out nothing in {_PATIENCE_SECONDS} s",
            hint="run `ratchet doctor` in a shell to see where it hangs",
        ) from None
    finally:
        await _end(process)
    return read(said.decode("utf-8", "replace"), beside.decode("utf-8", "replace"))


async def _end(process: Process) -> None:
    """Leave no process behind, however often who waits is told to stop."""
    if process.returncode is not None:
        return
    ending = asyncio.ensure_future(_ended(process))
    while not ending.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(ending)


async def _ended(process: Process) -> None:
    # As Ctrl+C would, so that it takes its probes down with it.
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(_CLEANING_SECONDS):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
