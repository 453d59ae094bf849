"""Picks the backend that runs untrusted code."""

from pathlib import Path

from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.errors import SandboxUnavailable
from sandboxes.process_sandbox import ProcessBackend
from sandboxes.sandbox import Backend, Probe, SandboxKind

AUTO = "auto"
HINT = "install docker.io or bubblewrap, or see `ratchet doctor`"


def all_backends(state: Path) -> tuple[Backend, ...]:
    """Return every backend, strongest first; nothing is probed."""
    from sandboxes.docker_sandbox import DockerBackend  # noqa: PLC0415 - the docker library loads slowly

    return (DockerBackend(state), BubblewrapBackend(), ProcessBackend())


def choose(kind: str, state: Path) -> tuple[Backend, Probe]:
    """Return a working backend of a kind, or for "auto" the strongest one that isolates.

    Of two that work, one that enforces more limits is the stronger. Raises SandboxUnavailable.
    """
    wanted = [backend for backend in all_backends(state) if _fits(kind, backend.kind)]
    found: list[tuple[Backend, Probe]] = []
    refused: list[Probe] = []
    for backend in wanted:
        probe = backend.probe()
        if probe.available and not probe.missing_limits:
            return backend, probe
        (found.append((backend, probe)) if probe.available else refused.append(probe))
    if found:
        return min(found, key=lambda pair: len(pair[1].missing_limits))
    raise SandboxUnavailable(
        f"no sandbox works here: {'; '.join(f'{p.kind}: {p.detail}' for p in refused)}",
        hint=next((probe.remedy for probe in refused if probe.remedy), HINT),
    )


def _fits(wanted: str, kind: SandboxKind) -> bool:
    if wanted == AUTO:
        return kind is not SandboxKind.PROCESS
    return wanted == kind.value
