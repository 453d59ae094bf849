"""The peer with a graph: aider's repo map, asked in its own virtual environment about the same files."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.index.facts import MODULE
from agent.index.snapshot import SnapshotView
from tests.benchmarks.issues import is_source, outermost
from tests.benchmarks.repositories import git

_PROGRAM = Path(__file__).parent / "data" / "aider_ranks.py"
_COLD = Path(__file__).parent / "data" / "aider_cold.py"


class AiderMap:
    """Lays each snapshot out in a folder and asks for the order in which the map would list it."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._laid: dict[str, dict[str, str]] = {}

    def rank(self, project: str, view: SnapshotView, text: str) -> tuple[list[str], list[tuple[str, str]]]:
        """Return source files and functions, best first."""
        paths = self._lay_out(project, view)
        question = {"root": str(self._folder / project), "paths": paths, "text": text}
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        tags = json.loads(self._process.stdout.readline())
        files = dict.fromkeys(path for path, *_ in tags if is_source(path))
        functions = (_function(view, path, line) for path, line, name in tags if name and is_source(path))
        return list(files), list(dict.fromkeys(found for found in functions if found))

    def _lay_out(self, project: str, view: SnapshotView) -> list[str]:
        """Write what differs from the project's last snapshot, so that aider's cache of tags stays of use."""
        wanted = {
            path: file.blob
            for path, file in view.files().items()
            if path.endswith(".py") and not file.skipped
        }
        laid = self._laid.setdefault(project, {})
        for path in laid.keys() - wanted.keys():
            (self._folder / project / path).unlink()
        changed = [path for path, blob in wanted.items() if laid.get(path) != blob]
        for path, content in view.read_many(changed).items():
            place = self._folder / project / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        self._laid[project] = wanted
        return sorted(wanted)


def _function(view: SnapshotView, path: str, line: int) -> tuple[str, str] | None:
    found = [one for one in outermost(view.definitions(path)) if one.start_line <= line <= one.end_line]
    return (path, found[0].qualname) if found and line != MODULE else None


def cold_maps(python: Path, clone: Path) -> tuple[float, float]:
    """Return the seconds of aider's repo map of a clone's Python files, first and once more."""
    asked = {"root": str(clone), "paths": [path for path in _tracked(clone) if path.endswith(".py")]}
    times = []
    for _ in range(2):
        done = subprocess.run(
            [str(python), str(_COLD)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=True,
            cwd=clone,
        )
        said = json.loads(done.stdout.splitlines()[-1])
        assert said["characters"]
        times.append(float(said["seconds"]))
    for cache in clone.glob(".aider*"):
        shutil.rmtree(cache)
    return times[0], times[1]


def _tracked(clone: Path) -> list[str]:
    return git(clone, "ls-files", "-z").split("\0")[:-1]


@contextmanager
def aider_map(python: Path) -> Iterator[AiderMap]:
    """Start the Python of a virtual environment in which `aider-chat` is installed."""
    with tempfile.TemporaryDirectory(prefix="ratchet-aider-") as folder:
        process = subprocess.Popen(
            [str(python), str(_PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
        )
        try:
            yield AiderMap(process, Path(folder))
        finally:
            process.kill()
            process.wait()
