"""What the index knows of a snapshot, in figures."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from agent.protocol.index import IndexStatus


def count(
    database: sqlite3.Connection,
    file: Path,
    commit: str,
    numbers: Mapping[str, int | None],
    left_out: Mapping[str, str],
) -> IndexStatus:
    """Return the figures of a snapshot, given its blob numbers by path (None: not indexed yet)."""
    asked = "SELECT number, language, size, skipped, symbols, refs FROM blob"
    rows = {row[0]: row[1:] for row in database.execute(asked)}
    known = [rows[number] for number in numbers.values() if number is not None]
    indexed = [row for row in known if not row[2]]
    missing = sum(number is None for number in numbers.values())
    reasons = Counter([row[2] for row in known if row[2]] + list(left_out.values()))
    return IndexStatus(
        commit=commit,
        files=len(indexed),
        symbols=sum(row[3] for row in indexed),
        references=sum(row[4] for row in indexed),
        bytes_source=sum(row[1] for row in indexed),
        bytes_index=sum(part.stat().st_size for part in _parts(file)),
        languages=dict(Counter(row[0] for row in indexed).most_common()),
        skipped=dict(reasons.most_common()),
        missing=missing,
        fresh=missing == 0,
    )


def _parts(file: Path) -> list[Path]:
    return [part for suffix in ("", "-wal") if (part := file.with_name(file.name + suffix)).exists()]
