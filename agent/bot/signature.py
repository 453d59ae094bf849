"""Who may deliver: signatures over the raw bytes, checked before anything is read."""

import hmac
import re
from collections.abc import Callable, Sequence

from agent.bot.errors import Forged
from agent.keys import KeyMissing, find_secret
from agent.protocol.errors import UsageError

SHORTEST = 32
"""Bytes of a secret."""
_HINT = "`openssl rand -hex 32` makes one; the same goes into the settings of the webhook"
_FORM = re.compile(rb"sha256=([0-9a-f]{64})")

Headers = Sequence[tuple[bytes, bytes]]
"""As ASGI has them: names in lower case, and one that came twice stands twice."""


class Signatures:
    """Checks `X-Hub-Signature-256` of GitHub: HMAC-SHA256 over the body (RFC 2104)."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """Take the secrets, several while one is being changed; raises UsageError for none or a short one."""
        if not secrets:
            raise UsageError("no webhook secret is set, so that anybody could give orders", hint=_HINT)
        if any(len(secret) < SHORTEST for secret in secrets):
            raise UsageError(f"a webhook secret is shorter than {SHORTEST} bytes", hint=_HINT)
        self._secrets = tuple(secrets)

    def __len__(self) -> int:
        """Return how many secrets count."""
        return len(self._secrets)

    def claimed(self, headers: Headers) -> bytes:
        """Return the signature that headers hold, as hexadecimal digits; raises Forged."""
        found = [value for name, value in headers if name == b"x-hub-signature-256"]
        if len(found) != 1:
            raise Forged("exactly one X-Hub-Signature-256 is needed")
        form = _FORM.fullmatch(found[0])
        if form is None:
            raise Forged("X-Hub-Signature-256 is no signature")
        return form[1]

    def check(self, headers: Headers, body: bytes) -> None:
        """Return when one of the secrets has signed the body; raises Forged."""
        claimed = self.claimed(headers)
        # All are compared, so that the time says nothing about which one was close.
        fitting = [hmac.compare_digest(self._sign(secret, body), claimed) for secret in self._secrets]
        if not any(fitting):
            raise Forged("the signature is of none of our secrets")

    @staticmethod
    def _sign(secret: bytes, body: bytes) -> bytes:
        return hmac.digest(secret, body, "sha256").hex().encode()


def signatures(references: Sequence[str], find: Callable[[str, str], str] = find_secret) -> Signatures:
    """Return the check by the secrets that `[bot] secrets` refers to; an `env:` that is not set is left out.

    Raises UsageError when none is found, one is too short, or the keyring cannot be read.
    """
    found = []
    for reference in references:
        try:
            found.append(find(reference, "`secrets` of [bot]").encode())
        except KeyMissing:
            if not reference.startswith("env:"):
                raise
    try:
        return Signatures([secret for secret in found if secret])
    except UsageError as error:
        where = ", ".join(references) or "`secrets` of [bot]"
        raise UsageError(f"{error.message} ({where})", hint=error.hint) from None
