"""A connection to the index file whose failures are errors of ours, wherever a view happens to meet them."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from agent.index.errors import IndexDamaged, IndexUnavailable

T = TypeVar("T")


class Database(sqlite3.Connection):
    """Raises IndexDamaged for SQLite's DatabaseError, and IndexUnavailable for its OperationalError."""

    damaged: str = ""
    """What was seen of the damage: whatever is read from now on may be wrong."""

    def cursor(self, factory: Any = None) -> Any:
        """Return a cursor."""
        return super().cursor(factory or _Cursor)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Return a cursor over what was asked."""
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Return a cursor that did something with each row."""
        return self.cursor().executemany(sql, parameters)

    def failed(self, error: sqlite3.Error) -> IndexDamaged | IndexUnavailable:
        """Return an error of SQLite's as one of ours, and remember damage."""
        if isinstance(error, sqlite3.OperationalError):
            return IndexUnavailable(f"the index cannot be used: {error}", hint="is the disk full?")
        return self.spoiled(str(error))

    def spoiled(self, reason: str) -> IndexDamaged:
        """Remember damage and return the error that says so."""
        self.damaged = reason
        return IndexDamaged(f"the index is damaged: {reason}", hint="ask again: it is built anew then")


class _Cursor(sqlite3.Cursor):
    """What is asked of SQLite, and what comes back row by row."""

    def execute(self, *asked: Any) -> "_Cursor":
        self._try(super().execute, *asked)
        return self

    def executemany(self, sql: str, parameters: Iterable[Any]) -> "_Cursor":
        self._try(super().executemany, sql, parameters)
        return self

    def fetchone(self) -> Any:
        return self._try(super().fetchone)

    def fetchall(self) -> list[Any]:
        return self._try(super().fetchall)

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise cast(Database, self.connection).failed(error) from error

    def _try(self, action: Callable[..., T], *given: Any) -> T:
        try:
            return action(*given)
        except sqlite3.DatabaseError as error:
            raise cast(Database, self.connection).failed(error) from error
