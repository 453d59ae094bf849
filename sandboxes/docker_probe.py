"""Tries the Docker engine out, for `auto` and for `ratchet doctor`."""

import contextlib
import re
from collections.abc import Callable

from sandboxes.docker_engine import Engine
from sandboxes.errors import SandboxError
from sandboxes.sandbox import MIB, Command, Limits, Probe, Sandbox, SandboxKind, SandboxSpec

_LIMITS = Limits(memory=128 * MIB, pids=32, cpus=1.0, workspace=8 * MIB, tmp=8 * MIB, inodes=1000)
_LIMIT_REMEDIES = {
    "swap": "boot with `swapaccount=1`",
    "memory": "boot with `cgroup_enable=memory`",
    "seccomp": "run the engine with its default seccomp profile",
}
_ROOTLESS_REMEDY = (
    "delegate the cgroup controllers to the user (systemd `Delegate=cpu memory pids`, cgroup v2)"
)
_FIXED_RUNC = {(1, 2): 8, (1, 3): 3}
"""The first release of each runc series without CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881."""

_LOOK = """
import socket
status = dict(l.split(":", 1) for l in open("/proc/self/status") if ":" in l)
def writable(path):
    try:
        open(path, "w").close()
    except OSError:
        return False
    return True
print("uid", status["Uid"].split()[0])
print("capabilities", int(status["CapBnd"], 16))
print("privileges", status["NoNewPrivs"].strip())
print("root", int(writable("/ratchet-probe")))
print("interfaces", " ".join(sorted(n for _, n in socket.if_nameindex() if n != "lo")) or "-")
"""
_SEEN = "uid 65534\ncapabilities 0\nprivileges 1\nroot 0\ninterfaces -\n"


def probe(ask: Callable[[], Engine], open_sandbox: Callable[[SandboxSpec], Sandbox]) -> Probe:
    """Start a container and look from inside whether the profile holds."""
    try:
        engine = ask()
        failure = _tried(open_sandbox)
    except SandboxError as error:
        return Probe(SandboxKind.DOCKER, False, _told(error), error.hint)
    if failure:
        return Probe(
            SandboxKind.DOCKER, False, f"{summary(engine)}: {failure}", "Use a rootful Linux engine."
        )
    return Probe(
        SandboxKind.DOCKER,
        True,
        summary(engine),
        _remedy(engine),
        missing_limits=engine.missing_limits,
        warnings=warnings(engine),
    )


def summary(engine: Engine) -> str:
    """Describe an engine in one line."""
    parts = [
        f"API {engine.api}",
        engine.storage,
        f"cgroup v{engine.cgroup}",
        f"runc {engine.runc or 'unknown'}",
        "rootless" if engine.rootless else "rootful",
    ]
    if "runsc" in engine.runtimes:
        parts.append("gVisor present")
    return f"Docker {engine.version} ({', '.join(parts)}) at {engine.address}"


def warnings(engine: Engine) -> tuple[str, ...]:
    """Name what is known to be unsafe about an engine."""
    if not has_runc_holes(engine.runc):
        return ()
    return (
        f"runc {engine.runc} is older than the fixes of CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881 "
        "(1.2.8, 1.3.3): update it, unless your distribution has put the fixes into this version.",
    )


def has_runc_holes(version: str) -> bool:
    """Say whether a runc release lacks the fixes of November 2025; an unknown version does not count."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if not match:
        return False
    major, minor, patch = (int(part) for part in match.groups())
    if (major, minor) in _FIXED_RUNC:
        return patch < _FIXED_RUNC[major, minor]
    return (major, minor) < min(_FIXED_RUNC)


def _tried(open_sandbox: Callable[[SandboxSpec], Sandbox]) -> str:
    with contextlib.closing(open_sandbox(SandboxSpec(root=None, limits=_LIMITS))) as sandbox:
        result = sandbox.run(Command(("python3", "-I", "-c", _LOOK), cwd="/", seconds=20.0))
    if not result.ok:
        return f"a command in it ended as {result.ending}: {result.stderr.text.strip()}"
    if result.stdout.text != _SEEN:
        return "the profile does not hold: " + ", ".join(result.stdout.text.splitlines())
    return ""


def _remedy(engine: Engine) -> str:
    if not engine.missing_limits:
        return ""
    if engine.rootless:
        return f"To enforce {', '.join(engine.missing_limits)}: {_ROOTLESS_REMEDY}."
    known = [_LIMIT_REMEDIES.get(name, f"enable {name} in the kernel") for name in engine.missing_limits]
    return f"To enforce {', '.join(engine.missing_limits)}: {'; '.join(known)}."


def _told(error: SandboxError) -> str:
    last = error.log.strip().splitlines()[-1:]
    return " ".join([error.message, *last])
