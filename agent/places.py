"""Where what Ratchet keeps and reads of a user lies; costs nothing to import."""

import os
from pathlib import Path

import platformdirs


def state_dir() -> Path:
    """Return the directory that holds everything Ratchet keeps, `RATCHET_STATE_DIR` or the user's state."""
    chosen = os.environ.get("RATCHET_STATE_DIR")
    return Path(chosen) if chosen else platformdirs.user_state_path("ratchet")


def user_file() -> Path:
    """Return the path of the user's configuration file."""
    chosen = os.environ.get("RATCHET_CONFIG")
    return Path(chosen) if chosen else platformdirs.user_config_path("ratchet") / "config.toml"
