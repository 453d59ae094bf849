"""A fake GitHub with one repository, in which a little has happened."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from agent.protocol.forge import Permission
from agent.repo.forge.open import open_forge
from agent.repo.forge.port import Forge
from tests.forge.fake import FakeForge
from tests.forge.repository import Repository

SHOP = "acme/shop"


@dataclass
class Shop:
    """What there is."""

    fake: FakeForge
    repository: Repository
    head: str
    pull: int
    issue: int
    run: int

    def forge(self, kind: str = "workflow", installation: int | None = None) -> Forge:
        """Return the forge as a bot with the token of a workflow, of a machine user, or as the App."""
        config = self.fake.bot_config(app=kind == "app", pat=kind == "pat")
        return open_forge(config, installation)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Run the forge for a module; leaving it fails when a request was not as GitHub describes it."""
    with FakeForge(tmp_path_factory.mktemp("forge")) as fake:
        made = fake.add_repository(SHOP)
        made.grant("ada", Permission.WRITE)
        made.grant("tom", Permission.TRIAGE)
        head = made.commit("feature/a", {"a.py": "x = 1\n"}, onto="main")
        pull = made.open_pull("feature/a", author="ada", title="A title", body="A body")
        issue = made.open_issue("It breaks", "So it does.", author="eve")
        log = "\ufeff2026-11-22T00:00:00Z one\n2026-11-22T00:00:01Z ##[error]two\n"
        run = made.fail_run(".github/workflows/ci.yml", "test", "Run pytest", log, head, actor="ada")
        yield Shop(fake, made, head, pull, issue, run)


@pytest.fixture(params=["workflow", "pat", "app"])
def forge(shop: Shop, request: pytest.FixtureRequest) -> Forge:
    """Return the forge as each of those that a bot can be."""
    return shop.forge(request.param)
