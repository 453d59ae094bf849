"""The tables: events, blobs and effects are the truth; `tasks` and `shares` follow from them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = 1

METADATA = MetaData()
_COUNTER = BigInteger().with_variant(Integer, "sqlite")

META = Table("meta", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

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
    Column("blob", Text, index=True),
    UniqueConstraint("task_id", "step_key"),
)
"""`body` is JSON; one that is large lies in `blobs` under its hash instead."""

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
    Column("blob", Text, nullable=False, index=True),
)

TASKS = Table(
    "tasks",
    METADATA,
    Column("number", _COUNTER, primary_key=True, autoincrement=True),
    Column("task_id", Text, nullable=False, unique=True),
    Column("key", Text, unique=True),
    Column("kind", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("parent", Text, index=True),
    Column("affinity", Text),
    Column("priority", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("cancelled", Boolean, nullable=False, default=False),
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
    Index("tasks_by_turn", "status", "priority", "number"),
)
"""One row per task for lists and the queue; `token`, `owner` and `beat` are the lease."""

SHARES = Table(
    "shares",
    METADATA,
    Column("repository", Text, primary_key=True),
    Column("served", BigInteger, nullable=False),
)
"""When each repository was last served, counted in claims."""

ENGINE_TABLES = (TASKS, SHARES)
"""Tables that can be rebuilt from the others."""
