"""One state directory per test, with daemons that hear of triggers."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kill.stage import Stage
from tests.postgres import Cluster, running_cluster

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


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return a PostgreSQL server that keeps what it confirmed, even when it crashes."""
    with running_cluster(durable=True) as running:
        yield running


@pytest.fixture
def postgres_url(cluster: Cluster) -> str:
    """Return the URL of a new database."""
    return cluster.create(uuid.uuid4().hex)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_stage(request: pytest.FixtureRequest, make_stage: MakeStage) -> Stage:
    """Return a stage on SQLite with two workers, then one on PostgreSQL with three."""
    if request.param == "sqlite":
        return make_stage()
    return make_stage(request.getfixturevalue("postgres_url"), workers=3)
