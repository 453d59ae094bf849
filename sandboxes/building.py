"""Phase two of an environment: build offline in a sandbox, then prove that the tree is what gets imported."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandboxes.environment import EnvironmentSpec
from sandboxes.errors import EnvironmentBroken
from sandboxes.ground import Ground
from sandboxes.remedies import remedy
from sandboxes.sandbox import (
    ENVIRONMENT,
    GUEST,
    MIB,
    WORKSPACE,
    Command,
    Ending,
    Limits,
    Mount,
    Result,
)

PYTHON = f"{ENVIRONMENT}/bin/python"
WHEELS = "/opt/wheels"
UV = "/opt/uv"
LIMITS = Limits(
    memory=4096 * MIB, pids=512, workspace=2048 * MIB, tmp=1024 * MIB, inodes=1_000_000, file_size=4096 * MIB
)
"""Bounds of a build; the finished environment runs under the task's own."""
_SECONDS = 1800.0
_PREFLIGHT_SECONDS = 120.0
_TAIL = 6000


@dataclass(frozen=True, slots=True)
class Built:
    """How a build went: `step` is where it failed, `missing` what it looked for in vain."""

    step: str
    missing: tuple[str, ...]
    log: str
    ending: Ending


def run_build(
    ground: Ground,
    spec: EnvironmentSpec,
    *,
    folder: Path,
    wheels: Path,
    tools: Path,
    pins: Sequence[str],
    tree: Iterable[bytes],
    on_progress: Callable[[str], None],
    cancel: threading.Event | None,
) -> Built:
    """Build into `folder`; project and package code runs only in here, without network."""
    mounts = (Mount(folder, ENVIRONMENT, writable=True), Mount(wheels, WHEELS), Mount(tools, UV))
    with contextlib.closing(ground.backend.open(ground.sandbox(mounts, LIMITS))) as sandbox:
        sandbox.unpack(tree)
        command = Command(
            (
                *(ground.python, "-I", "-S", f"{GUEST}/build.py"),
                *("--env", ENVIRONMENT, "--workspace", WORKSPACE, "--wheels", WHEELS),
                *("--uv", f"{UV}/uv", "--python", ground.python),
            ),
            stdin=json.dumps(_plan(spec, pins)).encode(),
            seconds=_SECONDS,
            report=True,
        )
        result = sandbox.run(command, on_output=_Steps(on_progress), cancel=cancel)
    return _built(result)


def _plan(spec: EnvironmentSpec, pins: Sequence[str]) -> dict[str, object]:
    return {
        "pins": list(pins),
        "setup": list(spec.setup),
        "project": spec.project,
        "build_requires": list(spec.build_requires),
        "version_env": _version_env(spec.version) if spec.project else {},
    }


def _version_env(version: str) -> dict[str, str]:
    # There is no .git inside: tools that ask git for the version are told instead.
    pinned = version or "0.1.dev0"
    names = ("SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "PBR_VERSION")
    bypasses = (
        "POETRY_DYNAMIC_VERSIONING_BYPASS",
        "UV_DYNAMIC_VERSIONING_BYPASS",
        "VERSIONINGIT_FOR_PACKAGE_VERSION",
    )
    return dict.fromkeys((*names, *bypasses), pinned)


def _built(result: Result) -> Built:
    try:
        said = json.loads(result.report) if result.report else {}
    except ValueError:
        said = {}
    missing = said.get("missing") if isinstance(said, dict) else ()
    step = said.get("step") if isinstance(said, dict) else ""
    log = (result.stdout.text + result.stderr.text)[-_TAIL * 4 :]
    return Built(
        step="" if result.ok else str(step or "the build"),
        missing=tuple(name for name in missing if isinstance(name, str)) if isinstance(missing, list) else (),
        log=log,
        ending=result.ending,
    )


def broken(built: Built) -> EnvironmentBroken:
    """Return the error a user sees for a build that failed."""
    endings = {
        Ending.OUT_OF_MEMORY: "ran out of memory",
        Ending.TIMEOUT: f"took more than {_SECONDS:.0f} s",
        Ending.DISK: "filled its disk",
        Ending.PIDS: "started too many processes",
        Ending.OUTPUT: "printed without end",
        Ending.CANCELLED: "was cancelled",
        Ending.LOST: "lost its sandbox",
    }
    how = endings.get(built.ending, "failed")
    hint = remedy(built.log) or "Look at the log; [environment] in .ratchet.toml names what detection misses."
    return EnvironmentBroken(
        f"Building the environment {how}: {built.step}.", hint=hint, log=built.log[-_TAIL:]
    )


class _Steps:
    """Passes on the lines in which the build names its steps."""

    def __init__(self, on_progress: Callable[[str], None]) -> None:
        self._on_progress, self._rest = on_progress, b""

    def __call__(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk)[-4096:].split(b"\n")
        for line in lines:
            if line.startswith(b"== "):
                self._on_progress(line[3:].decode("utf-8", "replace")[:200])
