"""Every test of the contract runs on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.engine.rig import Rig
from tests.postgres import Cluster, running_cluster

_EMPTY = b"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'tests' AND pid <> pg_backend_pid();
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return a PostgreSQL server that runs as long as the tests."""
    with running_cluster() as running:
        running.create("tests")
        yield running


@pytest.fixture
def postgres_url(cluster: Cluster) -> str:
    """Return the URL of an empty database."""
    url = cluster.url("tests")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTY)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Return where the database is: a folder or a URL."""
    if request.param == "sqlite":
        return tmp_path / "database"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def rig(place: Path | str, tmp_path: Path) -> Iterator[Rig]:
    """Return an empty database with everything around it."""
    made = Rig(place, tmp_path)
    yield made
    made.close()
