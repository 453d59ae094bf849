"""What the index knows of a snapshot, in figures."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Figures of one snapshot; sizes in bytes."""

    commit: str
    files: int
    """Indexed ones."""
    symbols: int
    references: int
    """Calls, imports and parents of classes."""
    bytes_source: int
    bytes_index: int
    """Of the whole index file, which holds other snapshots too."""
    languages: Mapping[str, int]
    """Files by language, "" for those of none."""
    skipped: Mapping[str, int]
    """Files by the reason why nothing is known about them."""
    missing: int
    """Files that are still to be indexed."""

    @property
    def fresh(self) -> bool:
        """Return whether every file of the snapshot is indexed."""
        return self.missing == 0

    def document(self) -> dict[str, object]:
        """Return the figures as they are printed."""
        return {
            "commit": self.commit,
            "files": self.files,
            "symbols": self.symbols,
            "references": self.references,
            "bytes_source": self.bytes_source,
            "bytes_index": self.bytes_index,
            "languages": dict(self.languages),
            "skipped": dict(self.skipped),
            "missing": self.missing,
            "fresh": self.fresh,
        }


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
        missing=sum(number is None for number in numbers.values()),
    )


def _parts(file: Path) -> list[Path]:
    return [part for suffix in ("", "-wal") if (part := file.with_name(file.name + suffix)).exists()]
