"""Who asks: the user's own processes are trusted, everybody else shows a token with scopes."""

import getpass
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from agent.daemon.errors import NotAuthenticated
from agent.protocol.errors import UsageError
from agent.protocol.value import Value

FILE = "tokens.json"


class Scope(StrEnum):
    """What a front end may do."""

    READ = "read"
    SUBMIT = "submit"
    CONTROL = "control"
    APPROVE = "approve"


_ALL = tuple(Scope)
_DEFAULTS: Mapping[str, tuple[Scope, ...]] = {
    "cli": _ALL,
    "tui": _ALL,
    "lsp": _ALL,
    # What comes from a forge or a pipeline was written by strangers: a person approves elsewhere.
    "bot": (Scope.READ, Scope.SUBMIT, Scope.CONTROL),
    "ci": (Scope.READ, Scope.SUBMIT, Scope.CONTROL),
}


class Token(Value):
    """What one front end was given."""

    token: str
    scopes: tuple[Scope, ...]


_TOKENS: TypeAdapter[dict[str, Token]] = TypeAdapter(dict[str, Token])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, and what they may do."""

    front_end: str
    user: str
    scopes: frozenset[Scope]
    named: bool = True
    """False when no token said which front end it is."""

    @property
    def by(self) -> str:
        """Return the name that control events carry."""
        return f"{self.front_end}:{self.user}"


class Tokens:
    """The tokens in `<state>/tokens.json`, made when missing and read again when the file changes."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._user = getpass.getuser()
        self._read_at = -1
        self._known: dict[str, Token] = {}

    def prepare(self) -> None:
        """Make the file, or complete it; raises UsageError when others may read it or it is no JSON."""
        known = self._load() if self._path.exists() else {}
        missing = {name: scopes for name, scopes in _DEFAULTS.items() if name not in known}
        if missing:
            made = {name: Token(token=secrets.token_urlsafe(32), scopes=s) for name, s in missing.items()}
            self._write({**known, **made})

    def caller(self, authorization: str | None, *, trusted: bool) -> Caller:
        """Return who asks; raises NotAuthenticated for a wrong token, or for none where one is needed."""
        if authorization is None:
            if trusted:
                return Caller("local", self._user, frozenset(Scope), named=False)
            raise NotAuthenticated("a bearer token is needed", hint=f"tokens are in {FILE} of the daemon")
        kind, _, shown = authorization.partition(" ")
        if kind.lower() == "bearer":
            # All are compared, so that the time says nothing about which one was close.
            fitting = [n for n, each in self._current().items() if _same(each.token, shown.strip())]
            if fitting:
                return Caller(fitting[0], self._user, frozenset(self._known[fitting[0]].scopes))
        raise NotAuthenticated("the token is not one of this daemon's", hint="read tokens.json again")

    def _current(self) -> Mapping[str, Token]:
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._read_at:
                self._known, self._read_at = self._load(), changed
        except (OSError, UsageError):
            # Fail closed: without a readable file nobody has a token.
            self._known, self._read_at = {}, -1
        return self._known

    def _load(self) -> dict[str, Token]:
        if self._path.stat().st_mode & 0o077:
            raise UsageError(f"{self._path} can be read by others", hint=f"chmod 600 {self._path}")
        try:
            return _TOKENS.validate_json(self._path.read_bytes())
        except ValidationError:
            raise UsageError(
                f"{self._path} is not what the daemon wrote", hint="remove it: new tokens are made"
            ) from None

    def _write(self, tokens: Mapping[str, Token]) -> None:
        new = self._path.with_suffix(".new")
        content = json.dumps({name: each.model_dump() for name, each in tokens.items()}, indent=1)
        with open(new, "w", encoding="utf-8", opener=_private) as file:
            file.write(content + "\n")
        new.replace(self._path)


def _same(known: str, shown: str) -> bool:
    return hmac.compare_digest(known.encode(), shown.encode("utf-8", "replace"))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_TRUNC, 0o600)
