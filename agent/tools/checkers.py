"""Type checkers for the sandbox: the environment's own, else ours, which travels in as one file."""

import shutil
import sysconfig
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandboxes.sandbox import Command, Sandbox

_FOLDER = "/tmp/ratchet-checker"
_CHUNK = 1 << 20
_FIND = "for name in basedpyright ty pyright mypy; do command -v $name && exit 0; done"
_TY = ("check", "--output-format", "concise", "--no-progress", "--exit-zero", "--color", "never")
_MYPY = ("--no-error-summary", "--no-color-output", "--no-incremental", "--show-column-numbers")


@dataclass(frozen=True, slots=True)
class Checker:
    """A type checker as it is called inside."""

    name: str
    program: str

    def argv(self, python: str, paths: Sequence[str]) -> tuple[str, ...]:
        """Return the command that checks files with the libraries of an interpreter."""
        # A path cannot be taken for an option: it begins with the folder that it is in.
        files = tuple(f"./{path}" for path in paths)
        if self.name == "ty":
            return (self.program, *_TY, "--python", python, *files)
        if self.name == "mypy":
            return (self.program, *_MYPY, "--python-executable", python, *files)
        return (self.program, "--pythonpath", python, *files)


def in_environment(sandbox: Sandbox) -> Checker | None:
    """Return the checker that the repository's environment has."""
    result = sandbox.run(Command(("/bin/sh", "-c", _FIND), seconds=20.0))
    program = result.stdout.text.strip().partition("\n")[0]
    return Checker(program.rpartition("/")[2], program) if result.ok and program else None


def of_host(sandbox: Sandbox) -> Checker | None:
    """Bring ty into the sandbox, where Ratchet was installed with it; it is one static program."""
    program = Path(sysconfig.get_path("scripts")) / "ty"
    found = str(program) if program.is_file() else shutil.which("ty")
    if found is None:
        return None
    sandbox.unpack(_tar(Path(found).resolve()), _FOLDER)
    return Checker("ty", f"{_FOLDER}/ty")


def _tar(program: Path) -> Iterator[bytes]:
    entry = tarfile.TarInfo("ty")
    entry.size, entry.mode = program.stat().st_size, 0o755
    yield entry.tobuf()
    with program.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
    yield b"\0" * (-entry.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)
