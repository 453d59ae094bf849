"""One state directory per test, with daemons that hear of triggers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kill.stage import Stage

MakeStage = Callable[..., Stage]


@pytest.fixture
def make_stage(
    tmp_path: Path, state_dir: Path, base_root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeStage]:
    made: list[Stage] = []

    def make(database: str | None = None, *, workers: int = 2, name: str = "here") -> Stage:
        stage = Stage(tmp_path / name, state_dir, database, workers=workers)
        for name, value in stage.environ.items():
            monkeypatch.setenv(name, value)
        made.append(stage)
        return stage

    yield make
    for stage in made:
        stage.stop()


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """Return a stage on SQLite."""
    return make_stage()
