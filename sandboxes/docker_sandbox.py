"""Sandboxes made of Docker containers, one hardened container each."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import docker

from sandboxes import docker_containers, docker_images, docker_probe, docker_profile
from sandboxes.docker_engine import Engine, connect, describe, engine_errors
from sandboxes.docker_guest import staged_guest
from sandboxes.docker_owner import Owner
from sandboxes.docker_transport import DockerTransport
from sandboxes.errors import SandboxLost, SandboxUnavailable
from sandboxes.host_root import on_host_root
from sandboxes.sandbox import InForce, Probe, Sandbox, SandboxKind, SandboxSpec
from sandboxes.worker_sandbox import WorkerSandbox

_BRIDGE = "Start the engine without `--bridge=none`."
_DEFAULT_PYTHON = SandboxSpec(root=None).python


class DockerBackend:
    """Makes one container per sandbox; the engine is first spoken to when it is needed.

    `owner` is the text of an Owner; containers are reaped once that process is gone. By default
    it is this process.
    """

    def __init__(self, state: Path, owner: str = "") -> None:
        self._state = state
        self._owner = Owner.parse(owner) or Owner.of_process(os.getpid())
        self._lock = threading.Lock()
        self._reached: tuple[docker.APIClient, Engine] | None = None

    @property
    def kind(self) -> SandboxKind:
        """Name the backend."""
        return SandboxKind.DOCKER

    def probe(self) -> Probe:
        """Find out, by running something, whether sandboxes can be made and what they enforce."""
        return docker_probe.probe(self.engine, self.open)

    def engine(self) -> Engine:
        """Return what the engine says of itself; raises SandboxUnavailable."""
        return self._reach()[1]

    def open(self, spec: SandboxSpec) -> Sandbox:
        """Start a container with a worker in it; raises SandboxError."""
        client, engine = self._reach()
        if spec.network and not engine.bridge:
            # The engine would start the container all the same, with no network and no word about it.
            raise SandboxUnavailable("This Docker engine has no network for containers.", hint=_BRIDGE)
        image, spec = self._rooted(client, engine, spec)
        with engine_errors("create a container"):
            container = docker_profile.create(
                client, spec, image, staged_guest(self._state), str(self._owner), engine
            )
        in_force = InForce(
            kind=SandboxKind.DOCKER,
            image=image,
            network="bridge" if spec.network else "none",
            missing_limits=engine.missing_limits,
        )
        with docker_containers.removed_on_failure(client, container):
            return _greeted(docker_containers.start(client, container), in_force, spec)

    def reap(self) -> int:
        """Remove containers whose owner process is gone; returns how many."""
        client, engine = self._reach()
        return docker_containers.reap(client, engine_is_local=engine.local)

    def _reach(self) -> tuple[docker.APIClient, Engine]:
        with self._lock:
            if self._reached is None:
                client = connect()
                engine = describe(client)
                docker_containers.reap(client, engine_is_local=engine.local)
                self._reached = client, engine
            return self._reached

    def _rooted(self, client: docker.APIClient, engine: Engine, spec: SandboxSpec) -> tuple[str, SandboxSpec]:
        """Find the image of a spec, and the spec that says what to run on it."""
        if spec.root is None and engine.local:
            spec = on_host_root(spec, self._state / "host-root")
        if spec.root is not None:
            return docker_images.root_image(client, spec.root, self._state), spec
        image = docker_images.stock_image(client)
        if spec.python == _DEFAULT_PYTHON:
            spec = replace(spec, python=docker_images.STOCK_PYTHON)
        return image, spec


def _greeted(transport: DockerTransport, in_force: InForce, spec: SandboxSpec) -> Sandbox:
    try:
        return WorkerSandbox(transport, in_force, on_close=transport.close, spec=spec)
    except SandboxLost as silent:
        log = transport.stderr or silent.log
        raise SandboxLost("The worker did not start in the container.", log=log) from silent
