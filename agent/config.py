"""Configuration: `.ratchet.toml` of the repository, then the user's file, then `RATCHET_*`, then flags."""

import os
import platform
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import platformdirs
from pydantic import Field, ValidationError

from agent.protocol.errors import UsageError
from agent.protocol.limits import TaskLimits
from agent.protocol.value import Value

REPOSITORY_FILE = ".ratchet.toml"
T = TypeVar("T", bound=Value)
_SANDBOX_KINDS = ("auto", "docker", "bubblewrap", "process")


class EnvironmentConfig(Value):
    """`[environment]`: what the repository needs to run, where detection is not enough."""

    python: str = ""
    """Wanted Python, e.g. "3.12"."""
    packages: tuple[str, ...] = ()
    """More PEP 508 requirements."""
    system: tuple[str, ...] = ()
    """Debian packages of the root."""
    setup: tuple[str, ...] = ()
    """Shell commands of the build phase, run without network."""
    extras: tuple[str, ...] | None = None
    """Extras of the project to install; None means the usual test extras."""
    groups: tuple[str, ...] | None = None
    """Dependency groups to install; None means the usual test groups."""


class CheckConfig(Value):
    """`[checks.NAME]`: a command run at the root of the tree."""

    command: str
    results: str = "exit"
    """pytest, unittest, junit:GLOB, diagnostics, or exit (one result: the exit code)."""


class LimitsConfig(Value):
    """`[limits]`: unset fields keep their default; a repository may only lower them."""

    seconds: float | None = Field(default=None, gt=0)
    test_seconds: float | None = Field(default=None, gt=0)
    memory_mib: int | None = Field(default=None, ge=64)
    workspace_mib: int | None = Field(default=None, ge=16)
    pids: int | None = Field(default=None, ge=16)
    cpus: float | None = Field(default=None, gt=0)


class SandboxConfig(Value):
    """`[sandbox]`: which backend to use."""

    kind: str = "auto"


class RepositoryConfig(Value):
    """All that a repository may say about itself."""

    environment: EnvironmentConfig = EnvironmentConfig()
    checks: Mapping[str, CheckConfig] = {}
    limits: LimitsConfig = LimitsConfig()


class UserConfig(Value):
    """The user's own file; it may also choose the sandbox."""

    sandbox: SandboxConfig = SandboxConfig()
    limits: LimitsConfig = LimitsConfig()


class Config(Value):
    """The merged configuration of one command."""

    environment: EnvironmentConfig = EnvironmentConfig()
    checks: Mapping[str, CheckConfig] = {}
    limits: TaskLimits = TaskLimits()
    sandbox: SandboxConfig = SandboxConfig()


def state_dir() -> Path:
    """Return the directory that holds everything Ratchet keeps, `RATCHET_STATE_DIR` or the user's state."""
    chosen = os.environ.get("RATCHET_STATE_DIR")
    return Path(chosen) if chosen else platformdirs.user_state_path("ratchet")


def machine() -> str:
    """Return the name of this machine, to which tasks on a local path are bound."""
    return os.environ.get("RATCHET_MACHINE") or platform.node()


def user_file() -> Path:
    """Return the path of the user's configuration file."""
    chosen = os.environ.get("RATCHET_CONFIG")
    return Path(chosen) if chosen else platformdirs.user_config_path("ratchet") / "config.toml"


def parse_repository(text: bytes) -> RepositoryConfig:
    """Read a `.ratchet.toml`; raises UsageError on unknown sections or wrong types."""
    data = _toml(text, REPOSITORY_FILE)
    data["checks"] = {
        k: {"command": v} if isinstance(v, str) else v for k, v in data.get("checks", {}).items()
    }
    return _validated(RepositoryConfig, data, REPOSITORY_FILE)


def load_user() -> UserConfig:
    """Read the user's file; a missing one is empty."""
    path = user_file()
    if not path.is_file():
        return UserConfig()
    user = _validated(UserConfig, _toml(path.read_bytes(), str(path)), str(path))
    _check_kind(user.sandbox.kind, str(path))
    return user


def merge(
    repository: RepositoryConfig,
    user: UserConfig,
    environ: Mapping[str, str] = os.environ,
    *,
    seconds: float | None = None,
    sandbox: str | None = None,
    defaults: TaskLimits | None = None,
) -> Config:
    """Combine all sources; flags are `seconds` and `sandbox`. Raises UsageError on a bad value."""
    kind = sandbox or environ.get("RATCHET_SANDBOX") or user.sandbox.kind
    _check_kind(kind, "--sandbox")
    asked = seconds if seconds is not None else _seconds(environ.get("RATCHET_TIMEOUT"))
    chosen = user.limits.model_dump(exclude_none=True)
    if asked is not None:
        chosen["seconds"] = asked
    limits = {**(defaults or TaskLimits()).model_dump(), **chosen}
    if "test_seconds" not in chosen:
        # Several tests that hang must not use up the time of the whole task.
        limits["test_seconds"] = min(limits["test_seconds"], max(2.0, limits["seconds"] / 20))
    for name, bound in repository.limits.model_dump(exclude_none=True).items():
        limits[name] = min(limits[name], bound)
    return Config(
        environment=repository.environment,
        checks=repository.checks,
        limits=_validated(TaskLimits, limits, "limits"),
        sandbox=SandboxConfig(kind=kind),
    )


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"RATCHET_TIMEOUT is not a number of seconds: {text!r}") from None


def _check_kind(kind: str, where: str) -> None:
    if kind not in _SANDBOX_KINDS:
        raise UsageError(f"{where}: unknown sandbox {kind!r}", hint=f"use one of {', '.join(_SANDBOX_KINDS)}")


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
