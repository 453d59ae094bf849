"""The rig of these tests."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.protocol.forge import Permission
from tests.forge.fake import FakeForge
from tests.repo.project import Project
from tests.tasks.admission.rig import Rig


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("RATCHET_ORGANIZATION", raising=False)
    project = Project(tmp_path / "shop", tmp_path / "unused").init()
    project.write(".ratchet.toml", '[limits]\nseconds = 100\n\n[checks]\nall = "true"\n')
    project.write("tax.py", "RATE = 1\n")
    project.commit()
    state = tmp_path / "state"
    state.mkdir()
    with FakeForge(tmp_path / "forge") as forge:
        config = f'[bot]\napi = "{forge.url}"\nweb = "{forge.web}"\n'
        (tmp_path / "config.toml").write_text(config)
        shop = forge.add_repository("acme/shop", project.root, private=True)
        shop.grant("ann", Permission.WRITE)
        shop.grant("tim", Permission.TRIAGE)
        shop.grant("rex", Permission.READ)
        shop.commit("tax", {"tax.py": "RATE = 2\n", ".ratchet.toml": "[limits]\nseconds = 9000\n"})
        with closing(Database.open(state)) as database, closing(Owner(state / "owners")) as owner:
            number = shop.open_pull("tax", author="ann")
            yield Rig(forge, shop, state, database, owner, number)
