"""What a person can do about an error of the database."""

from sqlalchemy import exc

_WRITABLE = "make the state directory writable, or set RATCHET_STATE_DIR"
_DAMAGED = "the file is damaged: move it away, or restore it from a copy"
_SPACE = "free some disk space (`ratchet purge`), then run it again"
_SERVER = "see that PostgreSQL runs and that RATCHET_DATABASE_URL names it"
_LOGIN = "see the user, the password and the database in RATCHET_DATABASE_URL"
_HINTS = (
    ("disk is full", _SPACE),
    ("no space left", _SPACE),
    ("disk full", _SPACE),
    ("readonly", _WRITABLE),
    ("read-only", _WRITABLE),
    ("unable to open", _WRITABLE),
    ("malformed", _DAMAGED),
    ("not a database", _DAMAGED),
    ("disk i/o error", "the disk fails or was taken away: see the system log, then `ratchet doctor`"),
    ("locked", "another process holds it; `ratchet daemon status` shows which"),
    ("authentication", _LOGIN),
    ("does not exist", _LOGIN),
    ("no such table", "the tables are made again at the next start"),
    ("connection", _SERVER),
    ("resolve host", _SERVER),
    ("timeout expired", _SERVER),
    ("shutting down", _SERVER),
    ("starting up", _SERVER),
    ("terminating", _SERVER),
)
"""Signs in the messages of SQLite and PostgreSQL, the more telling ones first."""


def hint_for(error: exc.DBAPIError) -> str:
    """Return one sentence for the error."""
    text = str(error.orig).lower()
    return next((hint for sign, hint in _HINTS if sign in text), "see `ratchet doctor`")
