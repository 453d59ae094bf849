"""`ratchet lsp`: the language server that editors start."""

import click

from agent.cli.errors import shown_to_the_user


@click.command()
def lsp() -> None:
    """Serve an editor on standard input and output by the Language Server Protocol.

    Editors start this by themselves, see docs/editors.md; there is nothing to see in a terminal.
    """
    with shown_to_the_user():
        from agent.client.client import Client
        from agent.client.launch import finder
        from agent.config import state_dir
        from lsp.handlers.registry import server_for

        server_for(Client(finder(state_dir(), lambda _: None, "lsp"))).serve()
