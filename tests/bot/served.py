"""The bot's server in a thread of its own, over the client of a real daemon."""

import asyncio
import threading
from pathlib import Path

from agent.bot.door import Door
from agent.bot.intake import Intake
from agent.bot.signature import Signatures
from agent.client.client import Client
from agent.client.launch import finder, running
from agent.client.problems import DaemonUnavailable
from agent.client.registration import Address
from agent.listening import Listener, impatient_server, tcp_socket
from agent.sections import BotConfig
from tests.bot.deliveries import OLD_SECRET, SECRET

LARGEST = 200_000


class Served:
    """Serves from when it is entered; `port` is where deliveries go to, at `/webhook`."""

    def __init__(
        self,
        state: Path,
        config: BotConfig | None = None,
        *,
        deadline: float = 20.0,
        starts_daemon: bool = True,
        port: int = 0,
        secrets: tuple[bytes, ...] = (SECRET, OLD_SECRET),
        largest: int = LARGEST,
        held: int = 10 * LARGEST,
        login: str = "ratchet-user",
    ) -> None:
        self.said: list[str] = []
        self._state = state
        self._config = config or BotConfig(repositories=("acme/*",))
        self._deadline = deadline
        self._signatures = Signatures(secrets)
        self._starts_daemon = starts_daemon
        self._largest = largest
        self._held = held
        self._login = login
        self._socket = tcp_socket("127.0.0.1", port)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(),))
        self._server: Listener | None = None
        self._begun = threading.Event()

    def __enter__(self) -> "Served":
        self._thread.start()
        assert self._begun.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    async def _run(self) -> None:
        starting = finder(self._state, self.said.append, "bot")
        async with Client(starting if self._starts_daemon else self._find) as tasks:
            intake = Intake(self._config, self._signatures, tasks, self._login, self.said.append)
            door = Door(intake, "/webhook", largest=self._largest, held=self._held)
            self._server = impatient_server(door, self._deadline)
            self._begun.set()
            await self._server.serve([self._socket])

    async def _find(self) -> Address:
        """Return where the daemon of the test is, if it is anywhere just now."""
        found = await running(self._state, "bot")
        if found is None:
            raise DaemonUnavailable("the daemon is away")
        return found[0]
