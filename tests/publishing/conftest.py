"""One fake forge for the tests of a module, or one for a test alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.publishing.site import Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a repository on a fake forge, and a store."""
    with open_site(tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """Return a site that no other test sees."""
    with open_site(tmp_path) as opened:
        yield opened
