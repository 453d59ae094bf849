"""The daemon and the repository that all driven editors share, and how one is driven."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.client import registration
from tests.client.conftest import end
from tests.e2e.conftest import CART, Ratchet, Repository, new_repository, put_back, share_caches
from tests.lsp.editors.programs import ROOT, surroundings

FAILING = "test_cart.py::test_discount_is_taken_off"
SERVER = [sys.executable, "-P", "-m", "agent", "lsp"]
_HERE = Path(__file__).parent
_PATIENCE = 120
"""Seconds that a driver waits for one thing; the machine may be busy."""


@dataclass(frozen=True)
class Workplace:
    """A repository with one failing test, which a fix has been found for, and the daemon that knows it."""

    repository: Repository
    ratchet: Ratchet
    task: str
    """The task whose patch is proven."""

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of editors, in which they find nothing of the user."""
        home = self.repository.path.parent / "home"
        home.mkdir(exist_ok=True)
        own = {f"XDG_{name}_HOME": str(home) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        return {**self.ratchet.environ, "HOME": str(home), **own}

    def drive(
        self, editor: Sequence[str], setup: str, what: str, *, server: Sequence[str] = SERVER, **more: str
    ) -> dict[str, Any]:
        """Have an editor do something and return what its driver has seen."""
        told = self.repository.path.parent / "told.json"
        told.unlink(missing_ok=True)
        environ = {
            **self.environ,
            **surroundings(editor[0]),
            "RATCHET_SETUP": str(ROOT / "lsp" / "editors" / setup),
            "RATCHET_COMMAND": json.dumps(list(server)),
            "RATCHET_DRIVE": what,
            "RATCHET_TOLD": str(told),
            "RATCHET_PATIENCE": str(_PATIENCE),
            **more,
        }
        done = subprocess.run(
            [*editor, str(_HERE / "drivers" / setup)],
            cwd=self.repository.path,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=3 * _PATIENCE,
            check=False,
        )
        assert told.is_file(), done.stdout
        seen: dict[str, Any] = json.loads(told.read_text())
        assert "failed" not in seen and done.returncode == 0, f"{seen}\n{done.stdout}"
        return seen

    def verified(self, task: str) -> str:
        """Return the fixed file as a task delivered it."""
        return self.repository.git("show", f"ratchet/{task}:cart.py") + "\n"


@pytest.fixture(scope="session")
def made_workplace(
    tmp_path_factory: pytest.TempPathFactory, state_dir: Path, base_root: Path
) -> Iterator[Workplace]:
    folder = tmp_path_factory.mktemp("editors")
    state, repository = folder / "state", folder / "shop"
    state.mkdir()
    repository.mkdir()
    share_caches(state_dir, state)
    ratchet = Ratchet(state)
    del ratchet.environ["RATCHET_FOREGROUND"]
    ratchet.environ["RATCHET_SANDBOX"] = "bubblewrap"
    made = new_repository(repository, CART)
    try:
        with put_back(made):
            report = ratchet.json("fix", "-C", str(repository), "--test", FAILING)
            assert report["outcome"] == "verified", report
            yield Workplace(made, ratchet, str(report["task_id"]))
    finally:
        written = registration.read(state)
        if written is not None:
            end(written.pid)


@pytest.fixture
def workplace(made_workplace: Workplace) -> Iterator[Workplace]:
    """A repository in which one of three tests fails, as the daemon knows."""
    yield made_workplace
    repository = made_workplace.repository
    repository.git("checkout", "-q", "-f", "main")
    repository.git("clean", "-q", "-f", "-d", "-x")
