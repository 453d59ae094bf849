"""Every backend behind one fixture, so that each test of the contract runs on all of them."""

import pytest

from tests.sandboxes.kits import ALL, make_kit


@pytest.fixture(scope="session", params=ALL)
def kit(request, tmp_path_factory):
    return make_kit(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def sandbox(kit):
    """A sandbox that the tests of a module share; for those that neither harm nor fill it."""
    opened = kit.open()
    yield opened
    opened.close()


@pytest.fixture
def fresh(kit):
    """A sandbox of the test's own."""
    opened = kit.open()
    yield opened
    opened.close()
