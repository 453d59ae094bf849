"""What every test shares: the state directory, and the base root that is made once."""

import os
from pathlib import Path

import pytest

collect_ignore = ["data"]


@pytest.fixture(scope="session")
def state_dir() -> Path:
    """Return a state directory that outlives the run, so that roots and images are made once."""
    chosen = os.environ.get("RATCHET_STATE_DIR")
    state = Path(chosen) if chosen else Path(__file__).parent.parent / ".work" / "state"
    state.mkdir(parents=True, exist_ok=True)
    return state.resolve()
