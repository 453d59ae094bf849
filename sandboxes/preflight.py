"""The proof that what gets imported in a built environment is the repository's tree."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandboxes.building import PYTHON
from sandboxes.errors import EnvironmentBroken
from sandboxes.ground import Ground
from sandboxes.sandbox import ENVIRONMENT, GUEST, WORKSPACE, Command, Limits, Mount, Sandbox, SandboxKind

_SECONDS = 120.0
_TAIL = 6000


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the project's modules came from: the folders that have to be on the path, and remarks."""

    roots: tuple[str, ...]
    log: str


def preflight(
    ground: Ground,
    modules: Sequence[str],
    *,
    folder: Path,
    tree: Iterable[bytes],
    lay: Callable[[Sandbox], None],
    cancel: threading.Event | None,
) -> Seen:
    """Import the project in a fresh sandbox; raises EnvironmentBroken when it is not the tree's code."""
    with contextlib.closing(
        ground.backend.open(ground.sandbox((Mount(folder, ENVIRONMENT),), Limits()))
    ) as sandbox:
        sandbox.unpack(tree)
        lay(sandbox)
        argv = (PYTHON, f"{GUEST}/preflight.py", *modules)
        command = Command(argv, env=_path(ground), seconds=_SECONDS, report=True)
        result = sandbox.run(command, cancel=cancel)
    output = (result.stdout.text + result.stderr.text)[-_TAIL:]
    try:
        found = json.loads(result.report)
        return _judged(found["modules"], str(found["workspace"]), output)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EnvironmentBroken(
            f"The project could not be imported: the preflight ended as {result.ending}.",
            hint="Look at the log; importing the project must neither hang nor end the interpreter.",
            log=output,
        ) from None


def _path(ground: Ground) -> dict[str, str]:
    # Where nothing is mounted, the editable install points to the folder of the build.
    unmounted = ground.backend.kind is SandboxKind.PROCESS
    return {"PYTHONPATH": f"{WORKSPACE}/src:{WORKSPACE}/lib:{WORKSPACE}"} if unmounted else {}


def _judged(found: list[dict[str, object]], workspace: str, output: str) -> Seen:
    roots: list[str] = []
    remarks: list[str] = []
    for module in found:
        name, places = str(module["module"]), [str(place) for place in _listed(module["places"])]
        inside = [place for place in places if place.startswith(f"{workspace}/")]
        if not inside:
            raise _not_ours(name, places, output)
        depth = name.count(".") + (1 if inside[0].endswith(f"/{name.rpartition('.')[2]}") else 2)
        if not inside[0].endswith("/__init__.py") and inside[0].endswith((".py", ".so")):
            depth -= 1
        root = PurePosixPath(inside[0]).parents[depth - 1]
        roots.append(WORKSPACE + str(root).removeprefix(workspace))
        if error := str(module["error"]):
            _check_missing(str(module["missing"]), error, found)
            remarks.append(f"import {name}: {error}")
    return Seen(tuple(dict.fromkeys(roots)), "\n".join(remarks))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _not_ours(name: str, places: Sequence[str], output: str) -> EnvironmentBroken:
    where = f"comes from {places[0]}" if places else "is not found"
    return EnvironmentBroken(
        f"The module {name} {where}, not from the repository's tree.",
        hint="Make the project installable, or set it up under [environment] setup in .ratchet.toml.",
        log=output,
    )


def _check_missing(missing: str, error: str, found: Sequence[Mapping[str, object]]) -> None:
    own = {str(module["module"]).partition(".")[0] for module in found}
    top = missing.partition(".")[0]
    if "cannot open shared object file" in error:
        raise EnvironmentBroken(
            "The project needs a system library that is missing.",
            hint='Name its Debian package: [environment] system = ["lib..."].',
            log=error,
        )
    if top and top not in own:
        raise EnvironmentBroken(
            f"The project imports {top}, which nothing it declares brings along.",
            hint=f'Declare it as a dependency, or name its package: [environment] packages = ["{top}"].',
            log=error,
        )
