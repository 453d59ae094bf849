"""Where the key of an endpoint is found; it is looked up for each call and kept nowhere."""

import os

import keyring
import keyring.errors

from agent.models.faults import FaultKind, ModelFault
from agent.protocol.model import ModelProfile

_USER = "ratchet"


def find_key(profile: ModelProfile) -> str:
    """Return the key that `profile.key` names, empty for none; raises ModelFault when there is none there."""
    if not profile.key:
        return ""
    kind, _, place = profile.key.partition(":")
    if kind == "env" and place:
        key = os.environ.get(place, "")
        hint = f"set {place} where the daemon is started, or keep the key in the keyring (`keyring:SERVICE`)"
    elif kind == "keyring" and place:
        key = _from_keyring(place, profile)
        hint = f"`keyring set {place} {_USER}` stores it"
    else:
        # What stands there may be the key itself.
        raise _missing(profile, "is not `env:VARIABLE` or `keyring:SERVICE`", "a key has no place in a file")
    key = key.strip()
    if not key:
        raise _missing(profile, f"names {profile.key}, which is empty", hint)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise _missing(profile, f"names {profile.key}, which holds characters that no key has", hint)
    return key


def _from_keyring(service: str, profile: ModelProfile) -> str:
    try:
        return keyring.get_password(service, _USER) or ""
    except keyring.errors.KeyringError as error:
        said = str(error).partition("\n")[0][:200]
        raise _missing(
            profile, f"names the keyring, which cannot be read: {said}", "use `env:VARIABLE` instead"
        ) from None


def _missing(profile: ModelProfile, what: str, hint: str) -> ModelFault:
    return ModelFault(FaultKind.AUTH, f"`key` of [models.{profile.name}] {what}.", hint=hint)
