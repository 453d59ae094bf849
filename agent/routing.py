"""Which models a command goes to: the user's file, and what the environment says instead."""

from collections.abc import Mapping

from pydantic import ValidationError

from agent.protocol.errors import UsageError
from agent.protocol.model import ModelProfile, Role
from agent.protocol.task import SEARCH
from agent.protocol.value import Value
from agent.sections import UserConfig

_HERE = "environment"


class Routing(Value):
    """The models of a task, as its spec holds them."""

    models: tuple[ModelProfile, ...] = ()
    roles: Mapping[Role, str] = {}
    stages: tuple[str, ...] = ()
    """Names of models, and `search`, in the order they are tried."""


def routing(user: UserConfig, environ: Mapping[str, str]) -> Routing:
    """Return what to ask; raises UsageError for a name that no section has.

    `RATCHET_MODEL_URL` with `RATCHET_MODEL` (and `RATCHET_MODEL_KEY`, an `env:` or `keyring:` reference) is a
    profile of its own; `RATCHET_MODEL` alone names one of the file. Either does all there is to do.
    """
    if environ.get("RATCHET_MODEL_URL"):
        profile = _from(environ)
        return Routing(models=(profile,), stages=(profile.name,))
    models = tuple(user.models.values())
    if chosen := environ.get("RATCHET_MODEL"):
        _known((chosen,), user, "RATCHET_MODEL")
        return Routing(models=models, stages=(chosen,))
    asked = user.routing
    named = {Role.PLAN: asked.plan, Role.EDIT: asked.edit, Role.REVIEW: asked.review}
    roles = {role: name for role, name in named.items() if name}
    _known((*roles.values(), *(one for one in asked.stages if one != SEARCH)), user, "[routing]")
    return Routing(models=models, roles=roles, stages=asked.stages or tuple(user.models))


def _from(environ: Mapping[str, str]) -> ModelProfile:
    model = environ.get("RATCHET_MODEL", "")
    if not model:
        raise UsageError("RATCHET_MODEL_URL is set, but RATCHET_MODEL does not name the model")
    known = {
        "base_url": environ["RATCHET_MODEL_URL"],
        "model": model,
        "key": environ.get("RATCHET_MODEL_KEY", ""),
    }
    try:
        return ModelProfile(name=_HERE, **known)
    except ValidationError as error:
        raise UsageError(
            f"RATCHET_MODEL_URL: {error.errors()[0]['msg']}", hint="see docs/models.md"
        ) from None


def _known(names: tuple[str, ...], user: UserConfig, where: str) -> None:
    for name in names:
        if name not in user.models:
            known = ", ".join(user.models) or "none"
            raise UsageError(
                f"{where} names the model {name!r}; configured: {known}", hint="see docs/models.md"
            )
