"""Who asks, and what a token lets somebody do."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.forge.world import User

HOUR = 3600.0


class Kind(StrEnum):
    """Kinds of tokens."""

    PERSONAL = "personal"
    """A personal access token: a user, who may not make check runs."""
    INSTALLATION = "installation"
    """Of an App, for an hour."""
    ACTIONS = "actions"
    """`GITHUB_TOKEN` of a workflow: an installation of the App `github-actions`."""
    APP = "app"
    """A JSON Web Token of an App itself."""


ALL = {
    "actions": "read",
    "administration": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}


@dataclass
class Token:
    """A token; `repositories` in lower case, None for all that the account sees."""

    text: str
    kind: Kind
    user: User
    app: int | None = None
    installation: int | None = None
    permissions: Mapping[str, str] = field(default_factory=lambda: dict(ALL))
    repositories: frozenset[str] | None = None
    expires: float = float("inf")

    def allows(self, needed: str) -> bool:
        """Say whether it has a permission, e.g. `checks:write`."""
        name, _, level = needed.partition(":")
        has = self.permissions.get(name)
        return self.kind is Kind.PERSONAL or has == "write" or (has == "read" and level == "read")


@cache
def _key() -> rsa.RSAPrivateKey:
    # Making one takes a tenth of a second, and every test has an App.
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class App:
    """A GitHub App with a key of its own."""

    def __init__(self, app: int, slug: str, user: User) -> None:
        self.id, self.slug, self.user = app, slug, user
        key = _key()
        self.private_key = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ).decode()
        self._public = key.public_key()
        self.permissions = dict(ALL)

    def verified(self, text: str) -> str:
        """Return what is wrong with a JSON Web Token of this App; empty when nothing is."""
        try:
            claims = jwt.decode(
                text, self._public, algorithms=["RS256"], options={"require": ["exp", "iat", "iss"]}
            )
        except jwt.PyJWTError as error:
            return f"A JSON web token could not be decoded: {error}"
        if str(claims["iss"]) != str(self.id):
            return "'Issuer' claim ('iss') must be the App's id"
        if claims["exp"] - time.time() > 600:
            return "'Expiration time' claim ('exp') is too far in the future"
        return ""
