"""What the doctor finds in the state directory: whether it can be written, and its database is whole."""

import errno
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from agent.protocol.errors import RatchetError
from sandboxes.doctor import Finding, Level

_DATABASE = "ratchet.db"
_NEEDED = 64 * 1024**2
"""Bytes below which not even a task's log is sure to fit."""
_AHEAD = 120
"""Seconds by which a recorded moment may lie in the future before the clock is doubted."""
_ELSEWHERE = "or set RATCHET_STATE_DIR to another folder."
_FULL = (errno.ENOSPC, errno.EDQUOT)


def state_findings(state: Path) -> Iterator[Finding]:
    """Look at a state directory; what does not exist yet is not made."""
    yield _directory(state)
    url = os.environ.get("RATCHET_DATABASE_URL")
    if url:
        yield _server(url)
    elif (state / _DATABASE).is_file():
        yield from _file(state / _DATABASE)


def _directory(state: Path) -> Finding:
    place = next(path for path in (state, *state.parents) if path.exists())
    if not place.is_dir():
        return _failed("state", f"{place} is not a directory.", f"Move it away, {_ELSEWHERE}")
    try:
        # A page is more than fits beside the directory's entry, and sync finds out about quotas.
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(bytes(8192))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        remedy = "Free some disk space (`ratchet purge`)" if error.errno in _FULL else "Make it writable"
        return _failed("state", f"{place} cannot be written: {error.strerror}.", f"{remedy}, {_ELSEWHERE}")
    if shutil.disk_usage(place).free < _NEEDED:
        return _failed(
            "state", f"The disk of {place} is full.", f"Free some space (`ratchet purge`), {_ELSEWHERE}"
        )
    if state.exists() and state.stat().st_mode & 0o077:
        return Finding("state", Level.WARN, f"{state} can be entered by others.", f"chmod 700 {state}")
    return Finding("state", Level.OK, f"{state} can be written")


def _file(path: Path) -> Iterator[Finding]:
    """Check every page of the database, and that its newest entry is not from the future."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            newest = _newest(connection)
    except sqlite3.Error as error:
        said, newest = str(error), 0
    if said == "ok":
        yield Finding("database", Level.OK, f"{path} is whole")
    else:
        yield _failed(
            "database",
            f"{path} is damaged: {said}.",
            "Stop the daemon, keep a copy, then restore the file or move it away with its -wal and -shm.",
        )
    ahead = newest - time.time()
    if ahead > _AHEAD:
        yield Finding(
            "clock",
            Level.WARN,
            f"The clock went back: the newest entry is {ahead / 60:.0f} min in the future.",
            "Set the clock (`timedatectl`); until then deadlines and ages are wrong, nothing is lost.",
        )


def _newest(connection: sqlite3.Connection) -> int:
    """Return the moment of the newest entry, 0 when there is none yet."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tasks'").fetchone() is None:
        return 0
    return connection.execute("SELECT max(updated_at) FROM tasks").fetchone()[0] or 0


def _server(url: str) -> Finding:
    from agent.engine.database import Database

    try:
        database = Database.open(url)
    except RatchetError as error:
        return _failed(
            "database", f"{error.message}.", f"{error.hint}." if error.hint else "Start the server."
        )
    with closing(database):
        return Finding("database", Level.OK, f"{database.where} answers")


def _failed(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, Level.FAIL, detail, remedy)
