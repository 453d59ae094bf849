"""What a daemon writes into its state directory about itself, and how it is addressed from that."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

FILE = "daemon.json"
TOKENS = "tokens.json"


class Registration(BaseModel):
    """The content of `daemon.json`; fields of a newer daemon are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int
    socket: str
    version: str
    api: int
    started_at: int = 0
    """Seconds since the epoch."""
    tcp: str | None = None
    """HOST:PORT, when it listens there too."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a daemon listens, and the token that names who asks."""

    url: str = "http://localhost"
    socket: str | None = None
    """Path of the Unix socket; None means TCP at `url`."""
    token: str | None = None


def read(state: Path) -> Registration | None:
    """Return what the daemon of a state directory wrote; None when there is nothing readable."""
    try:
        return Registration.model_validate_json((state / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def address(state: Path, registration: Registration, front_end: str) -> Address:
    """Return the address by which a front end reaches a daemon on this machine."""
    return Address(socket=registration.socket, token=token(state, front_end))


def token(state: Path, front_end: str) -> str | None:
    """Return the token of a front end; None when the daemon has made none for it."""
    try:
        known = json.loads((state / TOKENS).read_bytes())
    except (OSError, ValueError):
        return None
    entry: Any = known.get(front_end) if isinstance(known, Mapping) else None
    found = entry.get("token") if isinstance(entry, Mapping) else entry
    return found if isinstance(found, str) else None
