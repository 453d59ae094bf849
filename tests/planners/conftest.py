"""The bench that the tests of the planners share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.planners.bench import Bench
from tests.verify.lab import any_backend, runner_environment


@pytest.fixture(scope="session")
def make_bench(state_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Bench]:
    """Make a bench with packages on the first of some Pythons that is there."""
    backend = any_backend(state_dir)

    def make(*packages: str, pythons: tuple[str, ...] = ()) -> Bench:
        environment = runner_environment(state_dir, packages, pythons)
        return Bench(tmp_path_factory.mktemp("bench"), backend, environment)

    return make


@pytest.fixture(scope="session")
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """Return a bench with the pytest that most repositories have."""
    return make_bench("pytest==8.4.2")
