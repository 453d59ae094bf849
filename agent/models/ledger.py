"""A small SQLite file in which all workers of a machine write down what they spend on models."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.patient_sqlite import patiently

FILE = "models.db"
_BUSY_SECONDS = 30.0
_KEPT_SECONDS = 90 * 86_400
_LONGEST_CALL = 86_400
_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, calls INTEGER NOT NULL, tokens INTEGER NOT NULL, nanos INTEGER NOT NULL,
    touched INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holds (
    id INTEGER NOT NULL, account TEXT NOT NULL, calls INTEGER NOT NULL, tokens INTEGER NOT NULL,
    nanos INTEGER NOT NULL, made INTEGER NOT NULL, PRIMARY KEY (id, account)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ratios (model TEXT PRIMARY KEY, ratio REAL NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Amount:
    """Something spent; money in billionths of a US dollar, so that sums are exact."""

    calls: int = 0
    tokens: int = 0
    nanos: int = 0

    def plus(self, more: "Amount") -> "Amount":
        """Return the sum."""
        return Amount(self.calls + more.calls, self.tokens + more.tokens, self.nanos + more.nanos)


Allowed = Callable[[str, Amount], None]
"""Told the name of an account and what it would come to; raises when that is too much."""


class Ledger:
    """Accounts and holds; safe from several threads and processes.

    A hold counts as spent from the moment it is made. So one whose process died stays settled at its full
    amount, whoever finds it. Raises sqlite3.Error when the file cannot be used.
    """

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(
            state / FILE, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        patiently(self._database, "PRAGMA journal_mode = WAL", _BUSY_SECONDS)
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        with self._transaction():
            self._forget(int(time.time()))

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def hold(self, accounts: Sequence[str], amount: Amount, allowed: Allowed) -> int:
        """Count an amount in every account, or, when `allowed` raises for one of them, in none."""
        now = int(time.time())
        with self._transaction() as database:
            for name in accounts:
                allowed(name, self._read(name).plus(amount))
            number = database.execute("SELECT coalesce(max(id), 0) + 1 FROM holds").fetchone()[0]
            for name in accounts:
                self._add(name, amount, now)
                row = (number, name, amount.calls, amount.tokens, amount.nanos, now)
                database.execute("INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?)", row)
        return int(number)

    def settle(self, number: int, amount: Amount) -> None:
        """Put what was really spent in the place of a hold; a second time changes nothing."""
        with self._transaction() as database:
            held = database.execute(
                "SELECT account, calls, tokens, nanos FROM holds WHERE id = ?", (number,)
            ).fetchall()
            for name, calls, tokens, nanos in held:
                difference = Amount(amount.calls - calls, amount.tokens - tokens, amount.nanos - nanos)
                self._add(name, difference, int(time.time()))
            database.execute("DELETE FROM holds WHERE id = ?", (number,))

    def spent(self, account: str) -> Amount:
        """Return what an account came to, holds included."""
        with self._lock:
            return self._read(account)

    def ratio(self, model: str) -> float:
        """Return by how much a model's own counts differ from our estimates, 1 when nothing is known."""
        with self._lock:
            row = self._database.execute("SELECT ratio FROM ratios WHERE model = ?", (model,)).fetchone()
        return float(row[0]) if row else 1.0

    def learn(self, model: str, ratio: float) -> None:
        """Remember a ratio."""
        with self._transaction() as database:
            database.execute("INSERT OR REPLACE INTO ratios VALUES (?, ?)", (model, ratio))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def _read(self, account: str) -> Amount:
        row = self._database.execute(
            "SELECT calls, tokens, nanos FROM accounts WHERE name = ?", (account,)
        ).fetchone()
        return Amount(*row) if row else Amount()

    def _add(self, account: str, amount: Amount, now: int) -> None:
        self._database.execute(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " calls = calls + excluded.calls, tokens = tokens + excluded.tokens,"
            " nanos = nanos + excluded.nanos, touched = excluded.touched",
            (account, amount.calls, amount.tokens, amount.nanos, now),
        )

    def _forget(self, now: int) -> None:
        self._database.execute("DELETE FROM holds WHERE made < ?", (now - _LONGEST_CALL,))
        self._database.execute("DELETE FROM accounts WHERE touched < ?", (now - _KEPT_SECONDS,))
