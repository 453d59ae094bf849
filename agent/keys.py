"""Where keys and secrets are found: `env:VARIABLE` or `keyring:SERVICE`; kept nowhere."""

import os

import keyring
import keyring.errors

from agent.protocol.errors import UsageError

_USER = "ratchet"


class KeyMissing(UsageError):
    """There is no usable key where a reference says."""

    code = "key"


def find_key(reference: str, called: str) -> str:
    """Return the key that a reference names, fit for a header; empty for an empty reference.

    `called` begins the sentence of KeyMissing, e.g. "`key` of [models.x]".
    """
    key = find_secret(reference, called)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise _missing(called, f"names {reference}, which holds characters that no key has", _hint(reference))
    return key


def find_secret(reference: str, called: str) -> str:
    """Return the text that a reference names, of any characters; as `find_key` otherwise."""
    if not reference:
        return ""
    kind, _, place = reference.partition(":")
    if kind == "env" and place:
        found = os.environ.get(place, "")
    elif kind == "keyring" and place:
        found = _from_keyring(place, called)
    else:
        # What stands there may be the key itself.
        raise _missing(called, "is not `env:VARIABLE` or `keyring:SERVICE`", "a key has no place in a file")
    if not found.strip():
        raise _missing(called, f"names {reference}, which is empty", _hint(reference))
    return found.strip()


def _from_keyring(service: str, called: str) -> str:
    try:
        return keyring.get_password(service, _USER) or ""
    except keyring.errors.KeyringError as error:
        said = str(error).partition("\n")[0][:200]
        what = f"names the keyring, which cannot be read: {said}"
        raise _missing(called, what, "use `env:VARIABLE` instead") from None


def _hint(reference: str) -> str:
    kind, _, place = reference.partition(":")
    if kind == "env":
        return f"set {place} where the daemon is started, or keep the key in the keyring (`keyring:SERVICE`)"
    return f"`keyring set {place} {_USER}` stores it"


def _missing(called: str, what: str, hint: str) -> KeyMissing:
    return KeyMissing(f"{called} {what}.", hint=hint)
