"""Remembers which models a user let see which repository, so that it is asked once."""

from hashlib import sha256
from pathlib import Path

_FOLDER = "consents"


def has_consent(state: Path, repository: str, host: str) -> bool:
    """Say whether code of a repository may go to a host without asking."""
    return _mark(state, repository, host).exists()


def remember(state: Path, repository: str, host: str) -> None:
    """Keep that somebody allowed it."""
    mark = _mark(state, repository, host)
    if not mark.exists():
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(f"{repository}\n{host}\n", encoding="utf-8")


def _mark(state: Path, repository: str, host: str) -> Path:
    return state / _FOLDER / sha256(f"{repository}\0{host}".encode()).hexdigest()[:32]
