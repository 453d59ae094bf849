"""The tokens of the fake forge, and who comes with one."""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping

import jwt

from tests.forge.exchange import Refused
from tests.forge.tokens import ALL, App, Kind, Token
from tests.forge.world import User, World

ACTIONS_APP = 15368
"""The App that workflows are; its number on GitHub."""


class Gate:
    """Gives tokens out and knows them again."""

    def __init__(self, world: World, app: App, installation: int) -> None:
        self.app, self.installation = app, installation
        self.lifetime: float | None = None
        """Seconds that tokens of installations are good for; None for an hour."""
        self._tokens: dict[str, Token] = {}
        world.apps |= {app.id: app.slug, ACTIONS_APP: "github-actions"}

    def keep(self, token: Token) -> Token:
        """Let a token be known."""
        self._tokens[token.text] = token
        return token

    def personal(self, user: User) -> Token:
        """Return a personal access token."""
        return self.keep(Token(f"ghp_{secrets.token_hex(18)}", Kind.PERSONAL, user))

    def of_workflow(
        self,
        user: User,
        permissions: Mapping[str, str] | None = None,
        repositories: frozenset[str] | None = None,
    ) -> Token:
        """Return the `GITHUB_TOKEN` of a workflow."""
        held = dict(ALL if permissions is None else permissions)
        text = f"ghs_{secrets.token_hex(18)}"
        return self.keep(Token(text, Kind.ACTIONS, user, ACTIONS_APP, None, held, repositories))

    def forget(self) -> None:
        """Let no token of an installation be good any longer, as when GitHub revokes them."""
        self._tokens = {
            text: token for text, token in self._tokens.items() if token.kind is not Kind.INSTALLATION
        }

    def who(self, authorization: str) -> Token | None:
        """Return the token of a header, None without one; raise Refused for one that is not good."""
        kind, _, text = authorization.partition(" ")
        if not text:
            return None
        if kind.lower() == "basic":
            text = _password(text)
        elif kind.lower() not in ("bearer", "token"):
            raise Refused(401, "Bad credentials")
        found = self._tokens.get(text)
        if found is not None and found.expires > time.time():
            return found
        if found is None and text.count(".") == 2:
            return self._of_app(text)
        raise Refused(401, "Bad credentials")

    def _of_app(self, text: str) -> Token:
        try:
            algorithm = jwt.get_unverified_header(text).get("alg")
        except jwt.PyJWTError:
            raise Refused(401, "A JSON web token could not be decoded") from None
        wrong = "the algorithm is not RS256" if algorithm != "RS256" else self.app.verified(text)
        if wrong:
            raise Refused(401, wrong)
        return Token(text, Kind.APP, self.app.user, self.app.id)


def _password(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        raise Refused(401, "Bad credentials") from None
