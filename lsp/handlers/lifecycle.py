"""From initialize to exit, and the settings and folders in between."""

from lsprotocol import types

from lsp.abilities import Abilities
from lsp.server import RatchetServer
from lsp.settings import read_settings


def register(server: RatchetServer) -> None:
    """Take part in a server."""

    @server.feature(types.INITIALIZE)
    def initialize(ls: RatchetServer, params: types.InitializeParams) -> None:
        ls.abilities = Abilities.of(params.capabilities)
        ls.settings, _ = read_settings(params.initialization_options)
        for folder in params.workspace_folders or ():
            ls.folders.add(folder.uri)
        if not params.workspace_folders and params.root_uri:
            ls.folders.add(params.root_uri)

    @server.feature(types.INITIALIZED)
    def initialized(ls: RatchetServer, params: types.InitializedParams) -> None:
        ls.spawn(ls.feed.watch(ls.folders.repositories))
