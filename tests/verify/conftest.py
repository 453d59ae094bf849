"""The labs that the tests of this folder share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.lab import Lab, any_backend, runner_environment


@pytest.fixture(scope="session")
def make_lab(state_dir: Path) -> Callable[..., Lab]:
    """Make a lab with packages on the first of some Pythons that is there."""
    backend = any_backend(state_dir)

    def make(*packages: str, pythons: tuple[str, ...] = ()) -> Lab:
        return Lab(backend, runner_environment(state_dir, packages, pythons))

    return make


@pytest.fixture(scope="session")
def lab(make_lab: Callable[..., Lab]) -> Lab:
    """Return a lab with the pytest that most repositories have."""
    return make_lab("pytest==8.4.2")
