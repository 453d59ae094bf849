"""The key of an endpoint; it is looked up for each call and kept nowhere."""

from agent import keys
from agent.models.faults import FaultKind, ModelFault
from agent.protocol.model import ModelProfile


def find_key(profile: ModelProfile) -> str:
    """Return the key that `profile.key` names, empty for none; raises ModelFault when there is none there."""
    try:
        return keys.find_key(profile.key, f"`key` of [models.{profile.name}]")
    except keys.KeyMissing as missing:
        raise ModelFault(FaultKind.AUTH, missing.message, hint=missing.hint) from None
