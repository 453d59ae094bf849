"""Configuration: `.ratchet.toml`, the user's file, `RATCHET_*`, flags, within what the organization pins."""

import os
import platform
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from agent.places import state_dir, user_file
from agent.policy import ORGANIZATION, REPOSITORY, USER, refuse_weaker
from agent.protocol.errors import UsageError
from agent.protocol.limits import TaskLimits
from agent.protocol.policy import Rule
from agent.protocol.task import SEARCH, TaskSpec
from agent.protocol.value import Value
from agent.sections import (
    CheckConfig,
    EnvironmentConfig,
    LimitsConfig,
    OrganizationConfig,
    RepositoryConfig,
    SandboxConfig,
    UserConfig,
)

__all__ = [
    "REPOSITORY_FILE",
    "SANDBOX_KINDS",
    "CheckConfig",
    "Config",
    "EnvironmentConfig",
    "OrganizationConfig",
    "RepositoryConfig",
    "SandboxConfig",
    "UserConfig",
    "client_rules",
    "load_organization",
    "load_user",
    "machine",
    "merge",
    "organization_file",
    "parse_repository",
    "parse_user",
    "pinned",
    "rules_for",
    "state_dir",
    "tightened",
    "user_file",
]

REPOSITORY_FILE = ".ratchet.toml"
_MACHINE_WIDE = Path("/etc/ratchet/config.toml")
T = TypeVar("T", bound=Value)
SANDBOX_KINDS = ("auto", "docker", "bubblewrap", "process")


class Config(Value):
    """The merged configuration of one command."""

    environment: EnvironmentConfig = EnvironmentConfig()
    checks: Mapping[str, CheckConfig] = {}
    limits: TaskLimits = TaskLimits()
    sandbox: SandboxConfig = SandboxConfig()


def machine() -> str:
    """Return the name of this machine, to which tasks on a local path are bound."""
    return os.environ.get("RATCHET_MACHINE") or platform.node()


def organization_file() -> Path | None:
    """Return the path of the organization's file: the machine's, else `RATCHET_ORGANIZATION`."""
    chosen = os.environ.get("RATCHET_ORGANIZATION")
    # Whoever may set a variable must not get rid of what root wrote.
    if _MACHINE_WIDE.is_file() or not chosen:
        return _MACHINE_WIDE if _MACHINE_WIDE.is_file() else None
    return Path(chosen)


def parse_repository(text: bytes) -> RepositoryConfig:
    """Read a `.ratchet.toml`; raises UsageError on unknown sections or wrong types."""
    data = _toml(text, REPOSITORY_FILE)
    data["checks"] = {
        k: {"command": v} if isinstance(v, str) else v for k, v in data.get("checks", {}).items()
    }
    config = _validated(RepositoryConfig, data, REPOSITORY_FILE)
    refuse_weaker(config.policy.rules(REPOSITORY, REPOSITORY_FILE), REPOSITORY_FILE)
    return config


def load_user() -> UserConfig:
    """Read the user's file; a missing one is empty."""
    path = user_file()
    return parse_user(path.read_bytes(), str(path)) if path.is_file() else UserConfig()


def parse_user(text: bytes, where: str) -> UserConfig:
    """Read what is, or is to become, the user's file; raises UsageError that names `where`."""
    user = _validated(UserConfig, _named(_toml(text, where), where), where)
    _check_kind(user.sandbox.kind, where)
    user.policy.rules(USER, where)
    return user


def load_organization() -> OrganizationConfig:
    """Read the organization's file; raises UsageError when it was named and cannot be read."""
    path = organization_file()
    if path is None:
        return OrganizationConfig()
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="see RATCHET_ORGANIZATION"
        ) from None
    organization = _validated(OrganizationConfig, _toml(text, str(path)), str(path))
    if organization.sandbox is not None:
        _check_kind(organization.sandbox.kind, str(path))
    organization.policy.rules(ORGANIZATION, str(path))
    return organization


def client_rules() -> tuple[Rule, ...]:
    """Return the rules that go with every task of this user: the user's and the organization's."""
    return (*load_user().policy.rules(USER, str(user_file())), *_organization_rules())


def rules_for(repository: RepositoryConfig) -> tuple[Rule, ...]:
    """Return the rules that whoever runs a task adds: the repository's and the organization's."""
    return (*repository.policy.rules(REPOSITORY, REPOSITORY_FILE), *_organization_rules())


def _organization_rules() -> tuple[Rule, ...]:
    return load_organization().policy.rules(ORGANIZATION, str(organization_file()))


def merge(
    repository: RepositoryConfig,
    user: UserConfig,
    environ: Mapping[str, str] = os.environ,
    *,
    organization: OrganizationConfig | None = None,
    seconds: float | None = None,
    sandbox: str | None = None,
    defaults: TaskLimits | None = None,
) -> Config:
    """Combine all sources; flags are `seconds` and `sandbox`. Raises UsageError on a bad value."""
    upper = organization or OrganizationConfig()
    kind = sandbox or environ.get("RATCHET_SANDBOX") or user.sandbox.kind
    _check_kind(kind, "--sandbox")
    if upper.sandbox is not None:
        kind = _pinned_kind(kind, upper.sandbox.kind)
    asked = seconds if seconds is not None else _seconds(environ.get("RATCHET_TIMEOUT"))
    chosen = user.limits.model_dump(exclude_none=True)
    if asked is not None:
        chosen["seconds"] = asked
    limits = {**(defaults or TaskLimits()).model_dump(), **chosen}
    if "test_seconds" not in chosen:
        # Several tests that hang must not use up the time of the whole task.
        limits["test_seconds"] = min(limits["test_seconds"], max(2.0, limits["seconds"] / 20))
    return Config(
        environment=repository.environment,
        checks=repository.checks,
        limits=_bounded(_validated(TaskLimits, limits, "limits"), repository.limits, upper.limits),
        sandbox=SandboxConfig(kind=kind),
    )


def pinned(spec: TaskSpec, organization: OrganizationConfig) -> TaskSpec:
    """Return a spec within what the organization allows on the machine that runs it; raises UsageError."""
    kind = spec.sandbox
    if organization.sandbox is not None:
        kind = _pinned_kind(kind, organization.sandbox.kind)
    return spec.model_copy(update={"sandbox": kind, "limits": _bounded(spec.limits, organization.limits)})


def tightened(spec: TaskSpec, repository: RepositoryConfig) -> TaskSpec:
    """Return a spec that was made without knowing the repository, within what that allows."""
    return spec.model_copy(update={"limits": _bounded(spec.limits, repository.limits)})


def _bounded(limits: TaskLimits, *bounds: LimitsConfig) -> TaskLimits:
    known = limits.model_dump()
    for one in bounds:
        known |= {name: min(known[name], most) for name, most in one.model_dump(exclude_none=True).items()}
    return TaskLimits(**known)


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"RATCHET_TIMEOUT is not a number of seconds: {text!r}") from None


def _pinned_kind(wanted: str, pinned: str) -> str:
    if wanted not in ("auto", pinned):
        raise UsageError(
            f"sandbox {wanted!r} is not what your organization allows",
            hint=f"{organization_file()}: {pinned}",
        )
    return pinned


def _check_kind(kind: str, where: str) -> None:
    if kind not in SANDBOX_KINDS:
        raise UsageError(f"{where}: unknown sandbox {kind!r}", hint=f"use one of {', '.join(SANDBOX_KINDS)}")


def _named(data: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the user's sections with each model knowing the name it stands under."""
    models = data.get("models")
    if not isinstance(models, dict):
        return data
    for name, profile in models.items():
        if name == SEARCH or (isinstance(profile, dict) and "name" in profile):
            raise UsageError(f"{where}: a model is named by its section, and not `search`: [models.{name}]")
    return {**data, "models": {k: {**v, "name": k} if isinstance(v, dict) else v for k, v in models.items()}}


def _toml(text: bytes, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{where} is not valid TOML: {error}") from None


def _validated(kind: type[T], data: Mapping[str, Any], where: str) -> T:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where}: [{place}] {first['msg']}", hint="see docs/configuration.md") from None
