"""Says what is in force on this machine, and what to do about what is not."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sandboxes.choose import all_backends
from sandboxes.sandbox import Probe, SandboxKind

_GIT_FIXES = {43: 7, 44: 4, 45: 4, 46: 4, 47: 3, 48: 2, 49: 1, 50: 1}
"""The first release of each 2.x series without CVE-2025-48384 and CVE-2025-48385."""
_NEEDED_DISK = 5 * 1024**3
_SCARCE_DISK = 1 * 1024**3
_GIB = 1024**3
_STRONGER = "Use a Docker engine, which can enforce more."


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do unless it is ok."""

    name: str
    level: Level
    detail: str
    remedy: str = ""


def examine(state: Path) -> tuple[Finding, ...]:
    """Probe every backend by running something in it, and look at git, the kernel and the disk."""
    return (*_sandboxes(state), git_finding(), *_kernel(), disk_finding(state))


def _sandboxes(state: Path) -> Iterator[Finding]:
    probes = [backend.probe() for backend in all_backends(state)]
    for probe in probes:
        yield from probe_findings(probe)
    isolating = [p.kind.value for p in probes if p.available and p.kind is not SandboxKind.PROCESS]
    if isolating:
        yield Finding("sandbox", Level.OK, f"`auto` can use {' and '.join(isolating)}.")
    else:
        yield Finding(
            "sandbox",
            Level.FAIL,
            "Nothing here isolates the code that is run, so nothing is run.",
            "Install docker.io or bubblewrap (`apt-get install docker.io`), or start the Docker engine.",
        )


def probe_findings(probe: Probe) -> Iterator[Finding]:
    """Turn one probe into findings: whether it works, what it cannot enforce, what is known against it."""
    name = str(probe.kind)
    if not probe.available:
        yield Finding(name, Level.WARN, probe.detail, probe.remedy)
        return
    if probe.kind is SandboxKind.PROCESS:
        yield Finding(name, Level.OK, "runs programs without any isolation, and only when it is asked for")
        return
    yield Finding(name, Level.OK, probe.detail)
    if probe.missing_limits:
        missing = ", ".join(probe.missing_limits)
        yield Finding(f"{name} limits", Level.WARN, f"Not enforced: {missing}.", probe.remedy or _STRONGER)
    for warning in probe.warnings:
        said, _, remedy = warning.partition(": ")
        remedy = remedy[:1].upper() + remedy[1:] if remedy else "Update it."
        yield Finding(f"{name} version", Level.WARN, f"{said.removesuffix('.')}.", remedy)


def git_finding() -> Finding:
    """Look at the version of git, by its absolute path."""
    program = shutil.which("git")
    if program is None:
        return Finding("git", Level.FAIL, "There is no git.", "Install git (`apt-get install git`).")
    run = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    version = run.stdout.strip().removeprefix("git version ")
    if not has_git_holes(version):
        return Finding("git", Level.OK, f"git {version} at {program}")
    return Finding(
        "git",
        Level.WARN,
        f"git {version} is older than the fixes of CVE-2025-48384 and CVE-2025-48385 (2.50.1).",
        "Update git, unless your distribution has put the fixes into this version.",
    )


def has_git_holes(version: str) -> bool:
    """Say whether a git release lacks the fixes of July 2025; an unreadable version counts as one."""
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    if not match:
        return True
    major, minor, patch = int(match[1]), int(match[2]), int(match[3] or 0)
    if major != 2:
        return major < 2
    return patch < _GIT_FIXES[minor] if minor in _GIT_FIXES else minor < min(_GIT_FIXES)


def _kernel() -> Iterator[Finding]:
    yield Finding("kernel", Level.OK, f"{os.uname().sysname} {os.uname().release}, cgroup v{_cgroup()}")
    refused = _user_namespaces_refused(Path("/proc/sys"))
    if refused and os.geteuid() != 0:
        yield Finding(
            "user namespaces",
            Level.WARN,
            f"{refused} keeps them from unprivileged users, and bubblewrap needs them.",
            "Install bubblewrap with its AppArmor profile, change that setting, or use Docker.",
        )


def _cgroup() -> str:
    return "2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "1"


def _user_namespaces_refused(settings: Path) -> str:
    refusing = {
        "user/max_user_namespaces": "0",
        "kernel/unprivileged_userns_clone": "0",
        "kernel/apparmor_restrict_unprivileged_userns": "1",
    }
    for name, value in refusing.items():
        setting = settings / name
        if setting.exists() and setting.read_text().strip() == value:
            return name.replace("/", ".")
    return ""


def disk_finding(state: Path) -> Finding:
    """Look at the space where environments and images are kept."""
    there = next(path for path in (state, *state.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / _GIB:.1f} GiB free for {state}"
    if free >= _NEEDED_DISK:
        return Finding("disk", Level.OK, detail)
    level = Level.FAIL if free < _SCARCE_DISK else Level.WARN
    return Finding(
        "disk", level, detail, "`ratchet purge` frees old environments; a project needs about 5 GiB."
    )
