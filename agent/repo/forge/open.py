"""The forge that `[bot]` names."""

from agent.repo.forge.port import Forge
from agent.sections import BotConfig


def open_forge(config: BotConfig, installation: int | None) -> Forge:
    """Return the forge, nothing asked of it yet; `installation` is that of the App, None looks it up.

    Threads may share it. Its connections and tokens are kept with it, so keep it.
    """
    # Its client takes most of a second to import, and most of Ratchet never asks a forge.
    from agent.repo.forge.github.github import GitHub, open_api  # noqa: PLC0415

    return GitHub(open_api(config, installation), config.web)
