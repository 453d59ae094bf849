"""Opening the forge that the configuration names."""

import subprocess
import sys

from agent.repo.forge.open import open_forge
from agent.repo.forge.port import Forge
from agent.sections import BotConfig


def test_opening_asks_for_nothing_and_no_key_is_looked_for() -> None:
    config = BotConfig(api="http://127.0.0.1:9", token="env:NO_SUCH_VARIABLE")
    forge: Forge = open_forge(config, None)
    assert list(forge.deliveries(0)) == []


def test_the_port_can_be_imported_without_its_library() -> None:
    code = "import sys, agent.repo.forge.open, agent.repo.mirror; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"githubkit", "httpx", "jwt", "keyring"} & set(done.stdout.split())
