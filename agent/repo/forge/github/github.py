"""GitHub as a forge."""

from agent.repo.forge.github.api import Api
from agent.repo.forge.github.authority import AppAuthority, Authority, TokenAuthority
from agent.repo.forge.github.reading import GitHubReading
from agent.repo.forge.github.watching import GitHubWatching
from agent.repo.forge.github.wire import Patience, Wire
from agent.repo.forge.github.writing import GitHubWriting
from agent.sections import BotConfig


class GitHub(GitHubReading, GitHubWriting, GitHubWatching):
    """All of the port over the REST API; threads may share one."""

    def __init__(self, api: Api, web: str) -> None:
        GitHubReading.__init__(self, api, web)

    def close(self) -> None:
        """Let go of the connections; the next request would fail."""
        self._api.wire.close()


def open_api(config: BotConfig, installation: int | None, patience: Patience | None = None) -> Api:
    """Return requests as whom `[bot]` says; keys are looked for with the first request."""
    wire = Wire(config.api, patience)
    authority: Authority = TokenAuthority(config.token)
    if config.app is not None:
        authority = AppAuthority(wire, config.app, config.private_key, installation)
    return Api(wire, authority)
