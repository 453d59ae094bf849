"""The one home of uv: on the host it only resolves names, never builds, installs or runs anything."""

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

from sandboxes.errors import EnvironmentBroken
from sandboxes.fetch.indexes import redacted

_TICK = 0.05
_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What uv printed; `trouble` is empty when it succeeded."""

    output: str
    trouble: str


def ask(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    cancel: threading.Event | None = None,
) -> Answer:
    """Run uv in an empty folder of ours; raises EnvironmentBroken when cancelled or stuck."""
    process = subprocess.Popen(
        [uv.find_uv_bin(), *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    waited = 0.0
    while True:
        try:
            output, trouble = process.communicate(timeout=_TICK)
        except subprocess.TimeoutExpired:
            waited += _TICK
            if waited > _SECONDS or (cancel is not None and cancel.is_set()):
                process.kill()
                process.communicate()
                raise EnvironmentBroken(_why_ended(waited)) from None
            continue
        return Answer(output, "" if process.returncode == 0 else redacted(trouble) or "uv failed silently")


def _why_ended(waited: float) -> str:
    if waited > _SECONDS:
        return f"The package index gave no answer in {_SECONDS:.0f} s."
    return "Building the environment was cancelled."


def tool_folder(state: Path) -> Path:
    """Return a folder that holds nothing but uv, made once, to be mounted into builds."""
    program = Path(uv.find_uv_bin())
    facts = program.stat()
    folder = (state / "tools").resolve() / f"uv-{facts.st_size:x}-{facts.st_mtime_ns:x}"
    if not folder.exists():
        part = folder.with_name(f".{folder.name}.{threading.get_ident()}")
        part.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(program, part / "uv")
        (part / "uv").chmod(0o755)
        with contextlib.suppress(OSError):
            part.rename(folder)
        shutil.rmtree(part, ignore_errors=True)
    return folder
