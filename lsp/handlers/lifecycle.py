"""From initialize to exit, and the settings and folders in between."""

from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp.abilities import Abilities
from lsp.folders import uri_of
from lsp.server import RatchetServer
from lsp.settings import SECTION, concerns_us, later_settings, read_settings, section_of

_REGISTRATION = "ratchet-settings"


def register(server: RatchetServer) -> None:
    """Take part in a server."""
    preferences = Preferences(server)
    opened = Opened(server)

    @server.feature(types.INITIALIZE)
    def initialize(ls: RatchetServer, params: types.InitializeParams) -> None:
        ls.abilities = Abilities.of(params.capabilities)
        preferences.begin(params.initialization_options)
        for uri in _roots(params):
            ls.folders.add(uri)

    @server.feature(types.INITIALIZED)
    def initialized(ls: RatchetServer, params: types.InitializedParams) -> None:
        preferences.told()
        if ls.abilities.configuration_changes:
            ls.spawn(_register(ls))
        if ls.abilities.configuration:
            ls.spawn(preferences.pull())
        opened.begin()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def changed(ls: RatchetServer, params: types.DidChangeConfigurationParams) -> None:
        if concerns_us(params.settings):
            preferences.take(params.settings)
        elif ls.abilities.configuration:
            ls.spawn(preferences.pull())

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(ls: RatchetServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            ls.folders.remove(folder.uri)
        for folder in params.event.added:
            ls.folders.add(folder.uri)
        opened.look()


class Preferences:
    """The settings as they come: with `initialize`, pushed, or pulled."""

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._first: object = None
        self._problems: tuple[str, ...] = ()
        self._pulls = 0

    def begin(self, options: object) -> None:
        """Put the options of `initialize` in force; nothing may be said about them yet."""
        self._first = options
        settings, self._problems = read_settings(options)
        self._ls.begin(settings)

    def told(self) -> None:
        """Say what is wrong with the options."""
        self._ls.use(self._ls.settings, self._problems)

    def take(self, told: object) -> None:
        """Put settings in force, over the options."""
        before = self._ls.settings
        self._ls.use(*later_settings(self._first, told))
        if before.lens != self._ls.settings.lens and self._ls.abilities.refreshes_lenses:
            self._ls.workspace_code_lens_refresh(None)
        shown = [(one.diagnostics, one.suspects) for one in (before, self._ls.settings)]
        if shown[0] != shown[1] and self._ls.abilities.refreshes_diagnostics:
            self._ls.workspace_diagnostic_refresh(None)

    async def pull(self) -> None:
        """Ask the editor; of several answers that are under way the last one asked for counts."""
        self._pulls += 1
        number = self._pulls
        asked = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            told: Any = await self._ls.workspace_configuration_async(asked)
        except JsonRpcException as error:
            self._ls.log(f"the editor does not tell its settings: {error.message}")
            return
        if number == self._pulls:
            self.take(section_of(told[0]) if isinstance(told, list | tuple) and told else None)


class Opened:
    """Which repositories are open, by folders and by documents outside of them; their tasks are followed."""

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._followed: tuple[object, ...] = ()

    def begin(self) -> None:
        """Follow what is open from now on."""
        self._ls.protocol.documents.listen(self._heard)
        for document in self._ls.protocol.documents:
            self._ls.folders.look_at(document.uri, is_open=True)
        self.look()

    def look(self) -> None:
        """Follow other repositories if there are others now."""
        repositories = self._ls.folders.repositories
        if repositories != self._followed:
            self._followed = repositories
            self._ls.watch()

    def _heard(self, uri: str) -> None:
        if self._ls.folders.look_at(uri, self._ls.protocol.documents.get(uri) is not None):
            self.look()


def _roots(params: types.InitializeParams) -> list[str]:
    """Return the folders that an editor opens with, in whichever of three ways it says so."""
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri:
        return [params.root_uri]
    if params.root_path and params.root_path.startswith("/"):
        return [uri_of(Path(params.root_path))]
    return []


async def _register(ls: RatchetServer) -> None:
    """Ask to be told of changed settings."""
    wanted = types.Registration(_REGISTRATION, types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION})
    try:
        await ls.client_register_capability_async(types.RegistrationParams([wanted]))
    except JsonRpcException as error:
        ls.log(f"the editor does not tell of changed settings: {error.message}")
