"""Large content, kept once under the hash of what it is."""

import hashlib
import zlib

from sqlalchemy import Connection, delete, select

from agent.engine.schema import BLOBS, EVENTS
from agent.engine.sql import Lock, insert_missing, lock

LARGE = 16 * 1024
"""Bytes from which an event's body goes to a blob."""


def put(connection: Connection, data: bytes) -> str:
    """Keep content and return its SHA-256."""
    # Else a blob found here could be collected before the event that names it is committed.
    lock(connection, Lock.BLOBS, shared=True)
    digest = hashlib.sha256(data).hexdigest()
    known = connection.scalar(select(BLOBS.c.hash).where(BLOBS.c.hash == digest))
    if known is None:
        connection.execute(insert_missing(connection, BLOBS, {"hash": digest, "data": pack(data)}))
    return digest


def collect(connection: Connection) -> int:
    """Remove the blobs that no event names; returns how many."""
    lock(connection, Lock.BLOBS)
    named = select(EVENTS.c.blob).where(EVENTS.c.blob == BLOBS.c.hash).exists()
    return connection.execute(delete(BLOBS).where(~named)).rowcount


def pack(data: bytes) -> bytes:
    """Return content as it is stored."""
    return zlib.compress(data, level=1)


def unpack(data: bytes) -> bytes:
    """Return stored content as it was; raises zlib.error when it is damaged."""
    return zlib.decompress(data)
