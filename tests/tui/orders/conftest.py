"""The repository that orders are about, and the settings of its user."""

from pathlib import Path

import pytest

from tests.tui.shop import MODELS, make_shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the top of a repository whose user has one model."""
    config = tmp_path / "config.toml"
    config.write_text(MODELS)
    monkeypatch.setenv("RATCHET_CONFIG", str(config))
    return make_shop(tmp_path / "shop")
