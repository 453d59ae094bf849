"""Who commits: the user's git identity, read as data."""

import os
import re
from dataclasses import dataclass

from agent.repo.user_config import UserConfig

_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>]")


@dataclass(frozen=True, slots=True)
class Identity:
    """A name and an address, without characters that a commit cannot hold."""

    name: str
    email: str


def author(config: UserConfig) -> Identity:
    """Return the author: `GIT_AUTHOR_*`, then `author.*` and `user.*`, then a name of ours."""
    return _identity(config, "author")


def committer(config: UserConfig) -> Identity:
    """Return the committer: `GIT_COMMITTER_*`, then `committer.*` and `user.*`, then a name of ours."""
    return _identity(config, "committer")


def _identity(config: UserConfig, role: str) -> Identity:
    name = _first(
        os.environ.get(f"GIT_{role.upper()}_NAME"), config.get(f"{role}.name"), config.get("user.name")
    )
    email = _first(
        os.environ.get(f"GIT_{role.upper()}_EMAIL"),
        config.get(f"{role}.email"),
        config.get("user.email"),
        os.environ.get("EMAIL"),
    )
    return Identity(name or "Ratchet", email or "ratchet@localhost")


def _first(*values: str | None) -> str:
    cleaned = (_UNSAFE.sub("", value or "").strip(" .,:;\"'") for value in values)
    return next((value for value in cleaned if value), "")
