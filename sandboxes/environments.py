"""Environments, content-addressed: built once for equal inputs within one trust domain, then read-only."""

import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from sandboxes.building import PYTHON
from sandboxes.construction import STAMP, construct
from sandboxes.environment import Environment, EnvironmentSpec
from sandboxes.errors import EnvironmentBroken
from sandboxes.ground import Ground, choose_ground
from sandboxes.locks import exclusive
from sandboxes.overlays import overlay
from sandboxes.roots import disk_use, has_root
from sandboxes.sandbox import ENVIRONMENT, Backend, Mount, SandboxKind

__all__ = ["Environments", "Usage", "environment_key", "overlay", "remove", "usage"]

_FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}")


def silent(_: str) -> None:
    """Ignore a line of progress."""


@dataclass(frozen=True, slots=True)
class Usage:
    """An environment on disk: `bytes` it takes up, `used_at` in seconds since the epoch."""

    key: str
    trust: str
    bytes: int
    used_at: float


class Environments:
    """The environments below a state directory, built in sandboxes of one backend."""

    def __init__(self, state: Path, backend: Backend) -> None:
        self._state = state.resolve()
        self._backend = backend
        self._failed: dict[str, EnvironmentBroken] = {}

    def build(
        self,
        spec: EnvironmentSpec,
        tree: Iterable[bytes],
        *,
        on_progress: Callable[[str], None] = silent,
        cancel: threading.Event | None = None,
    ) -> Environment:
        """Return the environment for a spec, built from a tar of the tree the first time.

        Raises EnvironmentBroken with the log's tail and a hint; a failure is remembered for as
        long as this object lives.
        """
        begun = time.monotonic()
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        ground = choose_ground(
            self._state, self._backend, spec.python, spec.system, on_progress=on_progress, cancel=cancel
        )
        key = environment_key(spec, ground.identity)
        if key in self._failed:
            raise self._failed[key]
        folder = self._state / "environments" / _folder_name(spec.trust) / key
        if found := self._stored(folder, key, ground):
            return found
        on_wait = lambda: on_progress("waiting for another build of this environment")  # noqa: E731
        with exclusive(folder.with_name(f".{key}.lock"), on_wait=on_wait, cancel=cancel):
            if found := self._stored(folder, key, ground):
                return found
            try:
                construct(self._state, spec, ground, folder, tree, on_progress, cancel)
            except EnvironmentBroken as failure:
                if cancel is None or not cancel.is_set():
                    self._failed[key] = failure
                raise
        return self._environment(folder, key, ground, time.monotonic() - begun, cached=False)

    def is_built(self, spec: EnvironmentSpec) -> bool:
        """Say whether `build` would find everything on disk, so that nothing would be fetched."""
        if self._backend.kind is not SandboxKind.PROCESS and not has_root(self._state, spec.system):
            return False
        try:
            ground = choose_ground(self._state, self._backend, spec.python, spec.system, on_progress=silent)
        except EnvironmentBroken:
            return False
        key = environment_key(spec, ground.identity)
        return (self._state / "environments" / _folder_name(spec.trust) / key / STAMP).exists()

    def usage(self) -> tuple[Usage, ...]:
        """Return the environments on disk, whoever built them."""
        return usage(self._state)

    def remove(self, key: str) -> None:
        """Remove an environment; a sandbox that still runs on it will break."""
        remove(self._state, key)

    def _stored(self, folder: Path, key: str, ground: Ground) -> Environment | None:
        if not (folder / STAMP).exists():
            return None
        os.utime(folder / STAMP)
        return self._environment(folder, key, ground, 0.0, cached=True)

    def _environment(
        self, folder: Path, key: str, ground: Ground, seconds: float, *, cached: bool
    ) -> Environment:
        facts = json.loads((folder / STAMP).read_text())
        env = {**ground.env}
        if self._backend.kind is SandboxKind.PROCESS and facts["roots"]:
            # The workspace lies elsewhere each time, so the editable install points nowhere.
            env["PYTHONPATH"] = ":".join(facts["roots"])
        return Environment(
            key=key,
            root=ground.root,
            mounts=(Mount(folder / "env", ENVIRONMENT), *ground.mounts),
            python=PYTHON,
            env=env,
            log=facts["log"],
            seconds=seconds,
            cached=cached,
        )


def environment_key(spec: EnvironmentSpec, ground: str) -> str:
    """Return the key of everything that goes into a build; notes do not count."""
    facts = {name: value for name, value in asdict(spec).items() if name != "notes"}
    text = json.dumps([_FORMAT, facts, ground], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def usage(state: Path) -> tuple[Usage, ...]:
    """Return the environments below a state directory."""
    found = []
    for stamp in sorted((state / "environments").glob(f"*/*/{STAMP}")):
        folder = stamp.parent
        used_at = stamp.stat().st_mtime
        found.append(Usage(folder.name, folder.parent.name, disk_use(folder), used_at))
    return tuple(found)


def remove(state: Path, key: str) -> None:
    """Remove an environment of any trust domain; a sandbox that still runs on it will break."""
    if not _NAME.fullmatch(key):
        return
    for folder in (state / "environments").glob(f"*/{key}"):
        (folder / STAMP).unlink(missing_ok=True)
        folder.with_name(f".{key}.lock").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _folder_name(trust: str) -> str:
    return trust if _NAME.fullmatch(trust) else hashlib.sha256(trust.encode()).hexdigest()[:24]
