"""As whom we ask GitHub: with a token, or as an App and as its installations."""

import base64
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import jwt
from githubkit import AppAuthStrategy, GitHubCore
from githubkit.auth.app import AppAuth
from githubkit.cache import MemCacheStrategy

from agent.keys import KeyMissing, find_key, find_secret
from agent.repo.forge.errors import ForgeRefused, NotOnForge
from agent.repo.forge.github.accounts import InstallationShape, InstallationTokenShape
from agent.repo.forge.github.answers import refused
from agent.repo.forge.github.paths import repository_path
from agent.repo.forge.github.shape import parsed, parsed_list
from agent.repo.forge.github.wire import JSON, Wire

_MARGIN = 12 * 60.0
"""A token is good for at least so long when it is given out: git_access promises ten minutes."""
_HOUR = 3600.0
_NAMES_ONLY = {"permissions": {"metadata": "read"}}


class Authority(Protocol):
    """Where the tokens of requests come from."""

    @property
    def app(self) -> int | None:
        """Return the id of the App, None without one."""

    def token(self, repository: str, *, fresh: bool = False) -> str:
        """Return a token for a repository, `owner/name`; `fresh` when the last one was refused.

        An empty name asks for one that reads what everybody may.
        """

    def own(self) -> str:
        """Return what asks about ourselves: the App's JSON Web Token, or the token."""

    @property
    def renews(self) -> bool:
        """Say whether a fresh token is another one."""


@dataclass(frozen=True, slots=True)
class TokenAuthority:
    """A personal access token, or GITHUB_TOKEN of a workflow; looked up each time."""

    reference: str
    app: int | None = None
    renews: bool = False

    def token(self, repository: str, *, fresh: bool = False) -> str:
        """Return the token, whatever the repository."""
        return self.own()

    def own(self) -> str:
        """Return the token."""
        try:
            return find_key(self.reference, "`token` of [bot]")
        except KeyMissing as missing:
            raise refused(missing) from None


@dataclass(frozen=True, slots=True)
class Minted:
    """A token of an installation, and until when it is good."""

    text: str = field(repr=False)
    until: float


class AppAuthority:
    """A GitHub App: tokens of its installations, each for one repository, made anew before they expire."""

    renews = True

    def __init__(self, wire: Wire, app: int, key: str, installation: int | None) -> None:
        self.app: int | None = app
        self._wire = wire
        self._key = key
        self._installation = installation
        self._installations: dict[str, int] = {}
        self._minted: dict[str, Minted] = {}
        self._lock = threading.Lock()
        self._cache = MemCacheStrategy()

    def own(self) -> str:
        """Return a JSON Web Token (RS256), good for some minutes."""
        try:
            # Environments cannot always hold lines.
            key = find_secret(self._key, "`private_key` of [bot]").replace("\\n", "\n")
            strategy = AppAuthStrategy(str(self.app), key)
            # Its cache is ours: githubkit's own is shared by all keys of the process.
            auth = strategy.get_auth_flow(GitHubCore(strategy, cache_strategy=self._cache))
            assert isinstance(auth, AppAuth)
            return auth.get_jwt()
        except KeyMissing as missing:
            raise refused(missing) from None
        except (ValueError, TypeError, jwt.PyJWTError):
            hint = f"{self._key} must hold the whole PEM file"
            raise ForgeRefused("`private_key` of [bot] is no RSA key.", hint=hint) from None

    def token(self, repository: str, *, fresh: bool = False) -> str:
        """Return a token of the repository's installation."""
        name = repository.lower()
        with self._lock:
            known = self._minted.get(name)
            if fresh or known is None or known.until - time.time() < _MARGIN:
                known = self._minted[name] = self._mint(repository)
            return known.text

    def _mint(self, repository: str) -> Minted:
        installation = self._installation or self._find(repository)
        narrow = {"repositories": [repository.partition("/")[2]]} if repository else _NAMES_ONLY
        asked = self._ask("POST", f"app/installations/{installation}/access_tokens", narrow)
        made = parsed(InstallationTokenShape, asked)
        return Minted(made.token, _seconds(made.expires_at))

    def _find(self, repository: str) -> int:
        if repository not in self._installations:
            self._installations[repository] = self._found(repository)
        return self._installations[repository]

    def _found(self, repository: str) -> int:
        if repository:
            asked = self._ask("GET", repository_path(repository, "installation"))
            return parsed(InstallationShape, asked).id
        installations = list(parsed_list(InstallationShape, self._ask("GET", "app/installations")))
        if not installations:
            raise NotOnForge("the App of [bot] is installed nowhere", hint="install it for a repository")
        return installations[0].id

    def _ask(self, method: str, path: str, body: object = None) -> bytes:
        headers = {"Accept": JSON, "Authorization": f"Bearer {self.own()}"}
        return self._wire.ask(method, path, headers, body=body).content


def git_header(token: str) -> str:
    """Return the header with which git shows a token to GitHub."""
    pair = base64.b64encode(f"x-access-token:{token}".encode("ascii")).decode("ascii")
    return f"Authorization: basic {pair}"


def _seconds(expires_at: str) -> float:
    try:
        moment = datetime.fromisoformat(expires_at)
    except ValueError:
        return time.time() + _HOUR
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
