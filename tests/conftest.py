"""What every test shares: the state directory, and the root file system that is made once."""

import os
from pathlib import Path

import pytest

from sandboxes.roots import base_root as build_base_root

collect_ignore = ["data", "benchmarks/data"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let pictures of screens be kept as they are now."""
    parser.addoption("--update-snapshots", action="store_true", help="keep what the screens look like now")


@pytest.fixture(scope="session")
def state_dir() -> Path:
    """Return a state directory that outlives the run, so that roots and images are made once."""
    chosen = os.environ.get("RATCHET_STATE_DIR")
    state = Path(chosen) if chosen else Path(__file__).parent.parent / ".work" / "state"
    state.mkdir(parents=True, exist_ok=True)
    return state.resolve()


@pytest.fixture(scope="session")
def base_root(state_dir: Path) -> Path:
    """Return a Debian root; the first run of all makes it, which takes most of a minute."""
    root = build_base_root(state_dir, on_progress=print)
    assert root is not None, "debootstrap is needed: `make test` installs it"
    return root
