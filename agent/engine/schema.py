"""The tables: requests, events, blobs, effects, publications are the truth; the others follow from them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    event,
    text,
)

VERSION = 2
"""Of the tables that are the truth; raised together with a step in `migrations`."""
VIEW_VERSION = 4
"""Of the tables that follow from them; raised whenever they change, for they are simply made again."""

METADATA = MetaData()


def _partial_index(name: str, table: Table, columns: str, rows: TextClause) -> None:
    """Index those rows of a table that meet a condition, as soon as the table is made.

    Spelled out, because both databases spell it alike, and an `Index` that is told a condition
    imports the dialects of both.
    """

    def make(_: Table, connection: Connection, **__: object) -> None:
        connection.exec_driver_sql(f"CREATE INDEX {name} ON {table.name} ({columns}) WHERE {rows.text}")

    event.listen(table, "after_create", make)


_COUNTER = BigInteger().with_variant(Integer, "sqlite")

META = Table("meta", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

REQUESTS = Table(
    "requests",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("task_id", Text, nullable=False, index=True),
)
"""Idempotency keys: which task each has led to."""

EVENTS = Table(
    "events",
    METADATA,
    Column("task_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("step_key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("body", Text),
    Column("blob", Text),
    UniqueConstraint("task_id", "step_key"),
)
"""`body` is JSON; one that is large lies in `blobs` under its hash instead."""
_partial_index("events_with_blob", EVENTS, "blob", text("blob IS NOT NULL"))
_partial_index("events_first", EVENTS, "task_id", text("seq = 1"))

BLOBS = Table(
    "blobs",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""Compressed content by the SHA-256 of what it was before."""

EFFECTS = Table(
    "effects",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("task_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("result", Text),
    Column("intended_at", BigInteger, nullable=False),
)
"""The outbox: what was about to be done outside, and once it was done its result."""

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("task_id", Text, primary_key=True),
    Column("step_key", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""Compressed; gone when the task is finished."""

PUBLICATIONS = Table(
    "publications",
    METADATA,
    Column("number", _COUNTER, primary_key=True, autoincrement=True),
    Column("task_id", Text, nullable=False, unique=True),
    Column("place", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False, default=0),
    Column("not_before", Float, nullable=False, default=0.0),
    Column("tries", Integer, nullable=False, default=0),
    Column("problem", Text, nullable=False, default=""),
    Index("publications_by_place", "place", "number"),
)
"""One row per task that came from a forge: up to which event it is shown there (`shown`), and up to which it
is to be (`wanted`); `tries` counts those in a row of which none got on with it."""

MAX_TRIES = 5
"""Tries in a row after which a task is left as it is shown, until its next event."""
# A literal for the same reason as those further down.
TO_SHOW = text(f"shown < wanted AND tries < {MAX_TRIES}")
_partial_index("publications_to_show", PUBLICATIONS, "repository, number", TO_SHOW)

TASKS = Table(
    "tasks",
    METADATA,
    Column("number", _COUNTER, primary_key=True, autoincrement=True),
    Column("task_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("parent", Text),
    Column("affinity", Text),
    Column("priority", Integer, nullable=False),
    Column("deadline", BigInteger),
    Column("place", Text),
    Column("status", Text, nullable=False),
    Column("cancelled", Boolean, nullable=False, default=False),
    Column("paused", Boolean, nullable=False, default=False),
    Column("approvals", Integer, nullable=False, default=0),
    Column("outcome", Text),
    Column("reason", Text, nullable=False, default=""),
    Column("step", Text, nullable=False, default=""),
    Column("seq", Integer, nullable=False, default=0),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("cost_usd", Float, nullable=False, default=0.0),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("token", Text),
    Column("owner", Text),
    Column("beat", Integer, nullable=False, default=0),
    Column("tries", Integer, nullable=False, default=0),
    Index("tasks_by_repository", "repository", "number"),
)
"""One row per task for lists and the queue; `place` is where on a forge it was asked for; `approvals` counts
the open ones; `token`, `owner` and `beat` are the lease."""

# Literals, because SQLite takes a partial index only for a query that spells its condition out. That is
# also why none of them is a full index on `status`: SQLite would take that one to look for a turn.
READY = text("status = 'queued' AND token IS NULL")
HELD = text("token IS NOT NULL")
# Spelled by its outcome, for PostgreSQL would take an index on `status <> 'finished'` for ready tasks too,
# and sort all that wait for every turn.
OPEN = text("outcome IS NULL")
DUE = text("deadline IS NOT NULL AND status IN ('waiting', 'paused') AND token IS NULL")
_partial_index("tasks_ready", TASKS, "repository, priority, number", READY)
_partial_index("tasks_open", TASKS, "status, number", OPEN)
_partial_index("tasks_held", TASKS, "repository", HELD)
_partial_index("tasks_due", TASKS, "deadline", DUE)
_partial_index("tasks_by_parent", TASKS, "parent, number", text("parent IS NOT NULL"))

SHARES = Table(
    "shares",
    METADATA,
    Column("repository", Text, primary_key=True),
    Column("served", BigInteger, nullable=False),
)
"""When each repository was last served, counted in claims."""

FORGES = Table(
    "forges",
    METADATA,
    Column("repository", Text, primary_key=True),
    Column("token", Text),
    Column("owner", Text),
    Column("beat", Integer, nullable=False, default=0),
    Column("served", BigInteger, nullable=False),
    Column("not_before", Float, nullable=False, default=0.0),
    Column("problem", Text, nullable=False, default=""),
)
"""The repositories on forges: who writes there now, and from when on the forge may be asked again."""

ENGINE_TABLES = (TASKS, SHARES, FORGES)
"""Tables that can be rebuilt from the others."""
