"""The records a reporter wrote, read back and checked to be one unbroken chain."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
# A killed reporter leaves the beginning of a line.
_CUT = re.compile(rb"^[0-9a-f]{0,32}( .*)?$")


@dataclass(slots=True)
class Session:
    """The records of one runner process, in order."""

    records: list[Record] = field(default_factory=list)

    def of(self, kind: str) -> list[Record]:
        """Return the records of one type."""
        return [record for record in self.records if record.get("type") == kind]


@dataclass(frozen=True, slots=True)
class Records:
    """Every session of a report; `foreign` says why it cannot all be the reporter's."""

    sessions: tuple[Session, ...]
    foreign: str = ""


def read_records(report: bytes, key: str) -> Records:
    """Read a report; each line is a keyed hash over the line before it and itself, then JSON."""
    *lines, rest = report.split(b"\n")
    tips: dict[bytes, Session] = {}
    sessions: list[Session] = []
    for number, line in enumerate(lines, 1):
        mac, _, body = line.partition(b" ")
        tip = _tip(tips, mac, body, key.encode("ascii"))
        record = _parse(body) if tip is not None else None
        if tip is None or record is None:
            return Records(tuple(sessions), f"line {number} of the report was not written by the reporter")
        session = tips.pop(tip, None)
        if session is None:
            session = Session()
            sessions.append(session)
        session.records.append(record)
        tips[mac] = session
    if not _CUT.match(rest):
        return Records(tuple(sessions), "the report ends in something that the reporter did not write")
    return Records(tuple(sessions))


def _tip(tips: dict[bytes, Session], mac: bytes, body: bytes, key: bytes) -> bytes | None:
    """Return the end of the chain that a line continues, b"" for a new one, None for neither."""
    for tip in (*tips, b""):
        expected = hmac.new(key, tip + body, hashlib.sha256).hexdigest()[:32]
        if hmac.compare_digest(expected.encode("ascii"), mac):
            return tip
    return None


def _parse(body: bytes) -> Record | None:
    try:
        record = json.loads(body)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
