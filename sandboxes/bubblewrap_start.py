"""How bwrap is started: inside its control groups and, where root starts it, as nobody."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

NOBODY = 65534
FILTER_FD = "9"
_STEPS = f"""
while [ "$1" != -- ]; do
    case "$1" in
        join) echo $$ > "$2" ;;
        bind) mount -n --rbind "$2" "$3" ;;
        tmpfs) mount -n -t tmpfs -o "$2" tmpfs "$3" ;;
        filter) exec {FILTER_FD}< "$2" ;;
    esac || exit 125
    shift 3
done
shift
exec "$@"
"""
"""Steps of a verb and two operands, then `--` and the command that the shell becomes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do before bwrap runs."""

    verb: str
    first: str
    second: str = "-"


class Starter:
    """Builds the command line that ends in bwrap; `folder` holds mount points and is readable by all.

    Where root starts it, a user namespace alone would leave the code root's own id on the host's kernel,
    and files that it makes in a writable mount would be root's. So root first becomes nobody; what
    nobody cannot reach is bound to a place that it can reach, in a mount namespace that dies with bwrap.
    """

    def __init__(self, folder: Path, program: str, isolation: tuple[str, ...]) -> None:
        self._folder = folder
        self._program = program
        self._isolation = isolation

    @cached_property
    def drops(self) -> bool:
        """True when root can start bwrap as nobody; found out by doing it."""
        if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "mount", "setpriv"))):
            return False
        if not reachable(self._folder):
            return False
        steps = (Step("tmpfs", "size=64k", str(self.place("trial"))),)
        argv = self._as_nobody([*self._isolation, "--ro-bind", "/", "/", "--", "true"], steps)
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0

    def place(self, name: str, *, file: bool = False) -> Path:
        """Return a mount point of ours; each sandbox mounts its own things there, unseen by others."""
        place = self._folder / (f"{name}.file" if file else name)
        if file:
            place.touch(mode=0o644)
        else:
            place.mkdir(mode=0o755, exist_ok=True)
        return place

    def command(self, arguments: list[str], steps: tuple[Step, ...]) -> list[str]:
        """Return the command line that does the steps and then runs bwrap with these arguments."""
        if self.drops:
            return self._as_nobody([*self._isolation, *arguments], steps)
        return [*_prelude(steps), self._program, *self._isolation, *arguments]

    def _as_nobody(self, arguments: list[str], steps: tuple[Step, ...]) -> list[str]:
        nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
        private = ["unshare", "--mount", "--propagation", "private"]
        return [*private, *_prelude(steps), *nobody, self._program, *arguments]


def reachable(path: Path) -> bool:
    """True when everybody can reach and, for a directory, enter a path."""
    path = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.is_dir())


def _prelude(steps: tuple[Step, ...]) -> list[str]:
    words = [word for step in steps for word in (step.verb, step.first, step.second)]
    return ["/bin/sh", "-c", _STEPS, "sh", *words, "--"]
