"""Repositories of a user who must find them again as they were, whoever was killed meanwhile."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.conftest import Repository

PRICE = {
    "price.py": "def reduced(price, discount):\n    return price + discount\n",
    "test_price.py": (
        "from price import reduced\n\n\n"
        "def test_reduced():\n    assert reduced(10, 3) == 7\n\n\n"
        "def test_nothing_off():\n    assert reduced(5, 0) == 5\n"
    ),
}
SECOND_FAILURE = {
    "size.py": "def larger(one, other):\n    return one if one < other else other\n",
    "test_size.py": "from size import larger\n\n\ndef test_larger():\n    assert larger(1, 2) == 2\n",
}
SLOW = {"test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(2)\n"}
"""A check during which there is time to ask for something."""
SLOWER = {"test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(6)\n"}
"""A check that takes longer than the time between two signs of life of its worker, which is 5 s."""
_HOOKS = ("pre-commit", "post-commit", "post-checkout", "update", "reference-transaction", "pre-auto-gc")
_TRAILER = "Ratchet-Task: "


@dataclass(frozen=True, slots=True)
class Seen:
    """A repository at one moment."""

    files: Mapping[str, str]
    """Every file and link of the checkout and of `.git`: path to mode and content hash."""
    objects: frozenset[str]
    refs: Mapping[str, str]


class UserRepository(Repository):
    """A repository with hooks that tell when somebody ran them, and one failing test or two."""

    def __init__(self, path: Path, files: Mapping[str, str] = PRICE, *, dirty: bool = False) -> None:
        super().__init__(path)
        path.mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit(files, "start")
        self.git("config", "user.name", "Grace")
        self.git("config", "user.email", "grace@example.org")
        self.ran = path.with_name(f"{path.name}.hooks")
        for name in _HOOKS:
            hook = path / ".git" / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\necho {name} >>{self.ran}\n")
            hook.chmod(0o755)
        if dirty:
            self._leave_work()
        self.before = self.look()

    def look(self) -> Seen:
        """Return what is there now."""
        listed = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        objects = self.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
        refs = dict(line.split() for line in listed)
        return Seen(self._files(), frozenset(objects), refs)

    def tasks_of_commits(self) -> list[str]:
        """Return the task that each commit names, of all commits that are there, reachable or not."""
        listed = self.git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)")
        commits = [line.split()[1] for line in listed.splitlines() if line.startswith("commit ")]
        shown = "\n".join(self.git("cat-file", "commit", commit) for commit in commits)
        return [line.removeprefix(_TRAILER) for line in shown.splitlines() if line.startswith(_TRAILER)]

    def shown(self, revision: str, path: str) -> bytes:
        """Return a file's content in a revision."""
        return (self.git("show", f"{revision}:{path}") + "\n").encode()

    def _leave_work(self) -> None:
        """Leave one change staged, one not, and a file that git does not know."""
        self.write({"staged.txt": "staged\n"})
        self.git("add", "staged.txt")
        self.write({"staged.txt": "staged, then changed\n", "notes/new.txt": "unknown to git\n"})

    def _files(self) -> dict[str, str]:
        found = {}
        for folder, folders, names in os.walk(self.path):
            for name in (*names, *(each for each in folders if Path(folder, each).is_symlink())):
                file = Path(folder, name)
                found[file.relative_to(self.path).as_posix()] = _described(file)
        return {path: what for path, what in found.items() if not path.startswith(".git/objects/")}


def _described(file: Path) -> str:
    content = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
    return f"{file.lstat().st_mode:o} {hashlib.sha256(content).hexdigest()}"
