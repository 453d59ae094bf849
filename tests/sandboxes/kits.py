"""What the contract, isolation and attack suites need of each backend: itself and a root it can run."""

from dataclasses import dataclass, replace
from pathlib import Path

from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.process_sandbox import ProcessBackend
from sandboxes.sandbox import MIB, Backend, Limits, Sandbox, SandboxSpec

ALL = ("bubblewrap", "process", "docker")
ISOLATING = ("bubblewrap", "docker")
LIMITS = Limits(memory=256 * MIB, pids=64, cpus=2.0, workspace=64 * MIB, tmp=32 * MIB, inodes=5_000)


@dataclass(frozen=True, slots=True)
class Kit:
    """A backend and the spec of a sandbox with a shell and a Python in it."""

    backend: Backend
    spec: SandboxSpec

    def open(self, **changes: object) -> Sandbox:
        """Open a sandbox whose spec differs from the usual one."""
        return self.backend.open(replace(self.spec, **changes))


def make_kit(name: str, folder: Path) -> Kit:
    """Return the kit of a backend; `folder` is for files that live as long as it."""
    backends = {
        "docker": lambda: DockerBackend(folder / "state"),
        "bubblewrap": BubblewrapBackend,
        "process": ProcessBackend,
    }
    return Kit(backends[name](), SandboxSpec(root=None, limits=LIMITS))
