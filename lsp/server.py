"""The language server: one editor on two descriptors, thin in front of the daemon."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

import agent
from agent.client.checkout import names_of
from agent.client.client import Client
from agent.client.process import is_alive
from agent.config import load_user
from agent.protocol.errors import RatchetError
from lsp.abilities import Abilities
from lsp.applying.applied import Applied
from lsp.calm import Calm
from lsp.feed import Feed
from lsp.folders import Folders
from lsp.settings import Settings
from lsp.showing.board import Board
from lsp.wire.failing import sentence
from lsp.wire.greeting import Greeting, but_for
from lsp.wire.incoming import Incoming
from lsp.wire.intake import Intake
from lsp.wire.outlet import Outlet
from lsp.wire.protocol import Protocol
from lsp.work.begun import Begun

Heard = Callable[[Settings], None]
"""Takes the settings that are in force from now on."""

_LOOK_SECONDS = 2.0
_LONGEST_PAUSE = 60.0


class RatchetServer(LanguageServer):
    """What the handlers share; `handlers/` says what is done with it."""

    protocol: Protocol

    def __init__(self, client: Client) -> None:
        super().__init__("ratchet", agent.__version__, protocol_cls=Protocol, converter_factory=get_converter)
        self.client = client
        self.feed = Feed(client)
        self.begun = Begun()
        self.calm = Calm()
        self.abilities = Abilities()
        self.settings = Settings()
        self.folders = Folders()
        self.board = Board(self.feed, self.protocol.documents, self.folders)
        self.applied: dict[str, Applied] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._begin: list[Callable[[], None]] = []
        self._heard: list[Heard] = []
        self._opened: list[Callable[[], None]] = []
        self._told: set[str] = set()
        self._watching: asyncio.Task[None] | None = None
        self._end: Callable[[], None] | None = None
        self._intake: Intake[Incoming] | None = None

    def serve(self, source: int, target: int, greeting: Greeting, *, until_it_dies: bool = True) -> int:
        """Serve one editor on two descriptors until it ends; returns the exit status that LSP asks for.

        With `until_it_dies` the end of the editor's process is the end of this, too.
        """
        try:
            asyncio.run(self._serve(source, target, greeting, until_it_dies))
        except SystemExit as ended:
            return int(ended.code or 0)
        # An editor that is gone without saying so, unless it had asked for the end.
        return 0 if self.protocol.over else 1

    def join(self) -> None:
        """Wait until nothing is read from the editor any more, whose side has to be shut."""
        if self._intake is not None:
            self._intake.join()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something in the background; what goes wrong in it is shown to the user."""
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._background.add(task)
        task.add_done_callback(self._ended)
        return task

    def tell(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user one sentence."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=text))

    def tell_once(self, text: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Show the user one sentence, unless it was shown before."""
        if text not in self._told:
            self._told.add(text)
            self.tell(text, kind)

    def log(self, text: str, kind: types.MessageType = types.MessageType.Log) -> None:
        """Write one sentence to where the editor keeps what servers say."""
        self.window_log_message(types.LogMessageParams(type=kind, message=text))

    def on_begin(self, begin: Callable[[], None]) -> None:
        """Be called with the first settings in force, before the editor hears what there is."""
        self._begin.append(begin)

    def on_settings(self, heard: Heard) -> None:
        """Be told the settings whenever they changed after `initialize`."""
        self._heard.append(heard)

    def on_watch(self, opened: Callable[[], None]) -> None:
        """Be called when other repositories are open than before."""
        self._opened.append(opened)

    def begin(self, settings: Settings) -> None:
        """Put the first settings in force."""
        self.settings = settings
        # An editor that cannot be seen from here is in another container, or on another machine.
        if self._end is not None and self.process_id is not None and is_alive(self.process_id):
            self.spawn(self._end_with(self.process_id))
        for begin in self._begin:
            begin()

    def use(self, settings: Settings, problems: Iterable[str]) -> None:
        """Put settings in force, and tell each problem with them once."""
        for problem in problems:
            self.tell_once(problem)
        if settings != self.settings:
            self.settings = settings
            for heard in self._heard:
                heard(settings)

    def watch(self) -> None:
        """Follow the tasks of the repositories that are open now, and of no others any more."""
        before = self._watching
        if before is not None:
            before.cancel()
        self._watching = self.spawn(self._watch(before))
        for opened in self._opened:
            opened()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong in a notification; a request has an answer that says so."""
        if source is not FeatureRequestError:
            self.log(sentence(error), types.MessageType.Error)

    async def _watch(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        pause = 1.0
        while self.folders.repositories:
            try:
                await self.feed.watch(await asyncio.to_thread(self._names))
            except* RatchetError as errors:
                self.tell_once(sentence(_first(errors)), types.MessageType.Error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _names(self) -> dict[str, Path]:
        """Return the open repositories by what tasks call them."""
        web = load_user().bot.web
        return {name: top for top in self.folders.repositories for name in names_of(top, web)}

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except RatchetError as error:
            self.tell(sentence(error), types.MessageType.Error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logging.getLogger(__name__).error("in the background", exc_info=error)
            self.log(
                f"something in the background broke off: {type(error).__name__}", types.MessageType.Error
            )

    async def _serve(self, source: int, target: int, greeting: Greeting, until_it_dies: bool) -> None:
        self._intake = intake = Intake(source, self.protocol.decode, greeting.read)
        outlet = Outlet(target, self.protocol.encode, intake.end)
        self.protocol.sends(but_for(greeting.answered, outlet.put))
        self._end = intake.end if until_it_dies else None
        try:
            async with self.client:
                async for incoming in intake:
                    self.protocol.handle(incoming)
        finally:
            outlet.close()

    async def _end_with(self, editor: int) -> None:
        """End once the editor's process is gone: others may hold the other end of our input open."""
        while is_alive(editor):
            await asyncio.sleep(_LOOK_SECONDS)
        if self._end is not None:
            self._end()


def _first(errors: BaseExceptionGroup) -> BaseException:
    """Return one of several errors."""
    found: BaseException = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
