"""Statements for which SQLite waits for nobody, as when the journal of a new file becomes another."""

import sqlite3
import time
from typing import Any

_PAUSE = 0.008


def patiently(connection: Any, statement: str, seconds: float) -> None:
    """Execute a statement, again and again while others hold the file.

    `connection` is one of SQLite's, or a cursor or wrapper of one. Raises sqlite3.OperationalError when the
    file is still locked after so many seconds, and at once for everything else.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= end:
                raise
        time.sleep(_PAUSE)
