"""The Docker engine: how to reach it, what it is, and its errors in our words."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
from docker.context import ContextAPI
from docker.errors import APIError, DockerException
from docker.utils import parse_host

from sandboxes.errors import SandboxError, SandboxUnavailable

_START = "Start the engine (`systemctl start docker`, or Docker Desktop) or point DOCKER_HOST at one."
_GROUP = "Add yourself to the group that owns the socket (`usermod -aG docker $USER`, then log in again)."

_UNIX = "http+unix://"
"""How the SDK writes the address of a Unix socket."""

_LIMIT_FIELDS = {
    "memory": "MemoryLimit",
    "swap": "SwapLimit",
    "pids": "PidsLimit",
    "cpus": "CpuCfsQuota",
}
"""Our name of a limit and the engine's word on whether the kernel lets it keep that limit."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What an engine says of itself (GET /info and /version)."""

    address: str
    version: str
    api: str
    cgroup: str
    storage: str
    runc: str
    cpus: int
    rootless: bool
    runtimes: tuple[str, ...]
    missing_limits: tuple[str, ...]
    bridge: bool
    """It has a network that containers can be put on."""
    local: bool
    """It runs on this machine's own kernel, so it sees this machine's files."""


def connect(seconds: int = 60) -> docker.APIClient:
    """Reach the engine that DOCKER_HOST or the current context names; raises SandboxUnavailable."""
    with engine_errors("answer"):
        address = _address()
    with engine_errors("answer", address):
        _knock(address)
        return docker.DockerClient.from_env(version="auto", timeout=seconds).api


def _address() -> str:
    host = os.environ.get("DOCKER_HOST")
    if not host:
        context = ContextAPI.get_context(os.environ.get("DOCKER_CONTEXT"))
        host = context.Host if context else None
    return str(parse_host(host))


def _shown(address: str) -> str:
    return address.replace(_UNIX, "unix://")


def _knock(address: str) -> None:
    # The SDK does not close a Unix socket that refuses it.
    if address.startswith(_UNIX):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(address.removeprefix(_UNIX))


def describe(client: docker.APIClient) -> Engine:
    """Ask the engine what it is and which limits it can keep."""
    with engine_errors("describe itself"):
        address = _address()
        info, version = client.info(), client.version()
        networks = client.networks(names=["bridge"])
    return Engine(
        address=_shown(address),
        version=str(info.get("ServerVersion", "")),
        api=str(client.api_version),
        cgroup=str(info.get("CgroupVersion") or "1"),
        storage=str(info.get("Driver", "")),
        runc=_component(version, "runc"),
        cpus=int(info.get("NCPU") or 1),
        rootless="name=rootless" in (info.get("SecurityOptions") or ()),
        runtimes=tuple(sorted(info.get("Runtimes") or ())),
        missing_limits=missing_limits(info),
        bridge=any(network["Name"] == "bridge" for network in networks),
        # A socket of this machine may still lead into a virtual machine, with another kernel.
        local=address.startswith(_UNIX) and info.get("KernelVersion") == os.uname().release,
    )


def missing_limits(info: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the limits of our profile that this engine cannot keep."""
    missing = [name for name, said in _LIMIT_FIELDS.items() if not info.get(said)]
    options = info.get("SecurityOptions") or ()
    if not any(o.startswith("name=seccomp") and "profile=unconfined" not in o for o in options):
        missing.append("seccomp")
    return tuple(missing)


@contextmanager
def engine_errors(doing: str, address: str = "") -> Iterator[None]:
    """Turn the SDK's errors into ours: a refusal is a SandboxError, silence a SandboxUnavailable."""
    try:
        yield
    except APIError as refusal:
        said = str(refusal.explanation or refusal)
        raise SandboxError(f"Docker could not {doing}: {said}", hint=_hint(said)) from refusal
    # The transport below the SDK raises subclasses of OSError.
    except (DockerException, OSError) as silence:
        said = str(silence)
        hint = _GROUP if "Permission" in said else _START
        at = f" at {_shown(address)}" if address else ""
        raise SandboxUnavailable(f"The Docker engine{at} does not answer.", hint=hint, log=said) from silence


def _hint(said: str) -> str:
    if "bind source path does not exist" in said:
        return "The engine does not see this machine's files: use a local engine, or share them with it."
    if "no space left" in said:
        return "The engine's disk is full: `docker system df` shows what uses it."
    return ""


def _component(version: Mapping[str, Any], name: str) -> str:
    for part in version.get("Components") or ():
        if part.get("Name") == name:
            return str(part.get("Version", ""))
    return ""
