"""What a repository needs to run, as a value, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandboxes.sandbox import Limits, Mount, SandboxSpec


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """Every build input of an environment; equal specs share one build within one trust domain.

    `inputs` are (path, content hash) of manifests, locks, build files and compiled sources.
    """

    trust: str
    """Repository identity and trust level: environments are never shared across it."""
    python: str = ""
    """Wanted version such as "3.11"; empty takes the base root's own."""
    requirements: tuple[str, ...] = ()
    """PEP 508 requirements of the project, its extras and its tests."""
    constraints: tuple[str, ...] = ()
    build_requires: tuple[str, ...] = ()
    project: bool = False
    """Install the tree at /workspace as an editable project."""
    name: str = ""
    """Distribution name of the project: packages that need it get the tree, not a release."""
    version: str = ""
    """Version the project is pinned to, from its manifest or from `git describe`."""
    system: tuple[str, ...] = ()
    """Debian packages."""
    setup: tuple[str, ...] = ()
    """Shell commands of the build phase."""
    modules: tuple[str, ...] = ()
    """Top-level modules of the project that the preflight must find under /workspace."""
    inputs: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    """How each decision was made, for `ratchet init` and logs."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A built environment: `root` and `mounts` make a sandbox, `python` is its interpreter inside."""

    key: str
    root: Path | None
    mounts: tuple[Mount, ...]
    python: str
    env: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0
    cached: bool = False

    def spec(self, limits: Limits, task: str = "") -> SandboxSpec:
        """Return the sandbox that this environment runs in, network off."""
        return SandboxSpec(root=self.root, mounts=self.mounts, limits=limits, env=self.env, task=task)
