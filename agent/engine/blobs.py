"""Large content, kept once under the hash of what it is."""

import hashlib
import zlib

from sqlalchemy import Connection, delete, select

from agent.engine.schema import BLOBS, CHECKPOINTS, EVENTS
from agent.engine.sql import insert_missing

LARGE = 16 * 1024
"""Bytes from which an event's body goes to a blob."""


def put(connection: Connection, data: bytes) -> str:
    """Keep content and return its SHA-256."""
    digest = hashlib.sha256(data).hexdigest()
    known = connection.scalar(select(BLOBS.c.hash).where(BLOBS.c.hash == digest))
    if known is None:
        row = {"hash": digest, "data": zlib.compress(data, level=1)}
        connection.execute(insert_missing(connection, BLOBS, row))
    return digest


def get(connection: Connection, digest: str) -> bytes:
    """Return content; raises KeyError."""
    data = connection.scalar(select(BLOBS.c.data).where(BLOBS.c.hash == digest))
    if data is None:
        raise KeyError(digest)
    return zlib.decompress(data)


def collect(connection: Connection) -> int:
    """Remove the blobs that nothing names; returns how many."""
    named = select(EVENTS.c.blob).where(EVENTS.c.blob.is_not(None))
    saved = select(CHECKPOINTS.c.blob)
    unnamed = BLOBS.c.hash.not_in(named.union(saved))
    return connection.execute(delete(BLOBS).where(unnamed)).rowcount
