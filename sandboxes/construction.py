"""One environment from nothing to its stamp: fetch, build, prove, and only then put it in place."""

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes.building import Built, broken, run_build
from sandboxes.environment import EnvironmentSpec
from sandboxes.errors import EnvironmentBroken
from sandboxes.fetch.indexes import uv_environment
from sandboxes.fetch.uv import tool_folder
from sandboxes.fetch.wheelhouse import Gathering, Wheelhouse
from sandboxes.ground import Ground, choose_ground
from sandboxes.left_builds import sweep_scratch
from sandboxes.overlays import overlay
from sandboxes.owner import new_name
from sandboxes.preflight import Seen, preflight
from sandboxes.remedies import needs_compiler
from sandboxes.roots import COMPILER
from sandboxes.sandbox import SandboxKind

STAMP = "environment.json"
"""Written last: a folder without it is not an environment."""
_ATTEMPTS = 5
_CHUNK = 1024 * 1024
_KEPT_LOG = 20_000
_PROJECT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def construct(
    state: Path,
    spec: EnvironmentSpec,
    ground: Ground,
    folder: Path,
    tree: Iterable[bytes],
    on_progress: Callable[[str], None],
    cancel: threading.Event | None,
) -> None:
    """Make `folder` an environment; raises EnvironmentBroken and leaves nothing."""
    with _scratch(state) as scratch, _unfinished(folder, ground) as part:
        building = _Construction(state, scratch, spec, ground, part, on_progress, cancel)
        building.keep(tree)
        house, built = building.build()
        seen = building.prove()
        log = "\n".join(filter(None, (house.log, built.log, seen.log)))[-_KEPT_LOG:]
        (part / STAMP).write_text(json.dumps({"roots": seen.roots, "log": log}))
        if part != folder:
            part.rename(folder)


class _Construction:
    """The parts of one build, all below its scratch and its unfinished folder."""

    def __init__(
        self,
        state: Path,
        scratch: Path,
        spec: EnvironmentSpec,
        ground: Ground,
        part: Path,
        on_progress: Callable[[str], None],
        cancel: threading.Event | None,
    ) -> None:
        self._state, self._scratch, self._spec, self._ground = state, scratch, spec, ground
        self._env, self._archive = part / "env", scratch / "tree.tar"
        self._on_progress, self._cancel = on_progress, cancel
        self._gathering = Gathering(
            scratch,
            state / "downloads",
            ground.version,
            uv_environment(os.environ),
            on_progress=on_progress,
            cancel=cancel,
        )

    def keep(self, tree: Iterable[bytes]) -> None:
        """Keep the tree's tar: it is unpacked once per attempt."""
        with self._archive.open("wb") as file:
            for chunk in tree:
                file.write(chunk)

    def build(self) -> tuple[Wheelhouse, Built]:
        """Fetch and build; what a build turns out to need is fetched, and it starts over."""
        spec, ground = self._spec, self._ground
        house = self._gathering.gather(
            spec.requirements,
            spec.constraints,
            [spec.build_requires] if spec.project else [],
            own=(spec.name, spec.version) if spec.project else ("", ""),
        )
        if house.compiled:
            ground = self._with_compiler()
        asked: set[str] = set()
        for _ in range(_ATTEMPTS):
            built = self._attempt(ground, house)
            if not built.step:
                return house, built
            missing = [n for n in built.missing if _PROJECT_NAME.fullmatch(n) and n not in asked]
            if missing:
                asked.update(missing)
                self._gathering.add_build(missing)
            elif needs_compiler(built.log) and ground.identity == self._ground.identity:
                ground = self._with_compiler()
            else:
                break
        raise broken(built)

    def prove(self) -> Seen:
        """Import the project's modules where tests will run."""
        if not self._spec.modules:
            return Seen((), "")
        return preflight(
            self._ground,
            self._spec.modules,
            folder=self._env,
            tree=self._tree(),
            lay=overlay,
            cancel=self._cancel,
        )

    def _attempt(self, ground: Ground, house: Wheelhouse) -> Built:
        shutil.rmtree(self._env, ignore_errors=True)
        self._env.mkdir()
        # The sandbox's user writes here; the state directory keeps other users of the host out.
        self._env.chmod(0o777)
        return run_build(
            ground,
            self._spec,
            folder=self._env,
            wheels=house.folder,
            tools=tool_folder(self._state),
            pins=house.pins,
            tree=self._tree(),
            on_progress=self._on_progress,
            cancel=self._cancel,
        )

    def _with_compiler(self) -> Ground:
        return choose_ground(
            self._state,
            self._ground.backend,
            self._spec.python,
            (*self._spec.system, *COMPILER),
            on_progress=self._on_progress,
            cancel=self._cancel,
        )

    def _tree(self) -> Iterator[bytes]:
        with self._archive.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


@contextmanager
def _scratch(state: Path) -> Iterator[Path]:
    parent = state / "scratch"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep_scratch(state)
    folder = parent / new_name()
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _unfinished(folder: Path, ground: Ground) -> Iterator[Path]:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    in_place = ground.backend.kind is SandboxKind.PROCESS
    # Without mounts the environment holds its own host path, so it cannot be moved afterwards.
    part = folder if in_place else folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        yield part
    finally:
        if not (folder / STAMP).exists() or part != folder:
            shutil.rmtree(part, ignore_errors=True)
    _check_stamped(folder)


def _check_stamped(folder: Path) -> None:
    if not (folder / STAMP).exists():
        raise EnvironmentBroken("The environment vanished while it was built.")
