"""The backends that isolate, behind one fixture."""

import pytest

from tests.sandboxes.kits import ISOLATING, make_kit


@pytest.fixture(scope="session", params=ISOLATING)
def isolating(request, tmp_path_factory):
    return make_kit(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def jail(isolating):
    """A sandbox that the tests of a module share."""
    sandbox = isolating.open()
    yield sandbox
    sandbox.close()


@pytest.fixture
def cell(isolating):
    """A sandbox of the test's own, to be harmed."""
    sandbox = isolating.open()
    yield sandbox
    sandbox.close()
