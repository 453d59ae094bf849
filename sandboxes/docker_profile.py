"""What a container may do: the hardened profile every Docker sandbox starts with."""

from pathlib import Path
from typing import Any

import docker
from docker.types import LogConfig, Mount, Ulimit

from sandboxes.docker_engine import Engine
from sandboxes.sandbox import GUEST, MIB, WORKSPACE, Limits, SandboxSpec

OWNER_LABEL = "ratchet.owner"
TASK_LABEL = "ratchet.task"
USER = 65534
"""The kernel's overflow id: owns nothing on any system."""
_SHM = 64 * MIB
_OPEN_FILES = 4096


def memory_limit(limits: Limits) -> int:
    """Return the cgroup's bound in bytes: pages of a tmpfs count in it, so they are added on top."""
    return limits.memory + limits.workspace + limits.tmp


def create(
    client: docker.APIClient, spec: SandboxSpec, image: str, guest: Path, owner: str, engine: Engine
) -> str:
    """Create (not start) the container of a sandbox and return its id."""
    made = client.create_container(
        image,
        # As the entry point, so that nothing of an image's own start-up is left.
        entrypoint=[spec.python, "-I", "-S", f"{GUEST}/worker.py", "--own-pid-namespace"],
        user=f"{USER}:{USER}",
        hostname="sandbox",
        working_dir="/",
        # `spec.env` goes to the commands: a variable such as LD_PRELOAD must not reach the worker.
        environment={},
        # Sets StdinOnce: the worker reads its end when our connection drops.
        stdin_open=True,
        stop_timeout=1,
        healthcheck={"test": ["NONE"]},
        labels={OWNER_LABEL: owner, TASK_LABEL: spec.task},
        host_config=client.create_host_config(**_host(spec, guest, engine)),
    )
    return str(made["Id"])


def _host(spec: SandboxSpec, guest: Path, engine: Engine) -> dict[str, Any]:
    return {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "network_mode": "bridge" if spec.network else "none",
        "ipc_mode": "private",
        # The worker is process 1 itself, so that nothing inside can signal it; it reaps what is orphaned.
        "init": False,
        "auto_remove": True,
        "log_config": LogConfig(type="none"),
        "tmpfs": _tmpfs(spec.limits),
        "mounts": _mounts(spec, guest),
        "ulimits": _ulimits(spec.limits),
        **_cgroup(spec.limits, engine),
    }


def _cgroup(limits: Limits, engine: Engine) -> dict[str, Any]:
    # An engine refuses the whole container for a limit its kernel lacks, and for more CPUs than it has.
    memory = memory_limit(limits)
    wanted: dict[str, tuple[str, Any]] = {
        "memory": ("mem_limit", memory),
        "swap": ("memswap_limit", memory),
        "pids": ("pids_limit", limits.pids),
        "cpus": ("nano_cpus", int(min(limits.cpus, engine.cpus) * 1_000_000_000)),
    }
    return {key: value for name, (key, value) in wanted.items() if name not in engine.missing_limits}


def _tmpfs(limits: Limits) -> dict[str, str]:
    # The engine's own default is noexec, which breaks every build and every compiled extension.
    common = f"rw,exec,nosuid,nodev,nr_inodes={limits.inodes}"
    return {
        WORKSPACE: f"{common},size={limits.workspace},uid={USER},gid={USER},mode=0755",
        "/tmp": f"{common},size={limits.tmp},mode=1777",
        "/dev/shm": f"rw,noexec,nosuid,nodev,nr_inodes=1024,size={min(_SHM, limits.tmp)},mode=1777",
    }


def _ulimits(limits: Limits) -> list[Ulimit]:
    bounds = {"core": 0, "nofile": _OPEN_FILES, "fsize": limits.file_size}
    return [Ulimit(name=name, soft=bound, hard=bound) for name, bound in bounds.items()]


def _mounts(spec: SandboxSpec, guest: Path) -> list[Mount]:
    shown = [Mount(GUEST, str(guest), type="bind", read_only=True, propagation="rprivate")]
    for mount in spec.mounts:
        source = str(mount.source.resolve())
        read_only = not mount.writable
        shown.append(Mount(mount.target, source, type="bind", read_only=read_only, propagation="rprivate"))
    return shown
