"""`ratchet lsp`: the language server that editors start."""

import logging
import sys
from pathlib import Path

import click

_LOOPBACK = "127.0.0.1"
_ON_THIS_MACHINE = (_LOOPBACK, "localhost", "::1")
_HINT = """ratchet: an editor starts `ratchet lsp` and talks to it on standard input; this is a terminal
hint: docs/editors.md tells how Neovim, Emacs, Helix, Zed, Kate and VS Code start it"""


@click.command()
@click.option(
    "--tcp", metavar="[HOST:]PORT", help="Listen on this machine instead, for one client after another."
)
@click.option(
    "--log", type=click.Path(path_type=Path, dir_okay=False), help="Write what goes wrong to a file."
)
def lsp(tcp: str | None, log: Path | None) -> None:
    """Serve an editor on standard input and output by the Language Server Protocol.

    Editors start this by themselves; there is nothing to see in a terminal. In Neovim 0.11 or newer:

    \b
      vim.lsp.config.ratchet = { cmd = { "ratchet", "lsp" }, root_markers = { ".git" } }
      vim.lsp.enable("ratchet")

    docs/editors.md has the other editors, and the settings.
    """
    if tcp is None and sys.stdin.isatty():
        click.echo(_HINT, err=True)
        sys.exit(2)
    if log is not None:
        logging.basicConfig(filename=log, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    else:
        # Where an editor reads nothing of standard error, a full pipe would hold the server up.
        logging.getLogger().addHandler(logging.NullHandler())
    from lsp.wire.process import meet_editor, serve_editor, serve_on

    place = _place(tcp) if tcp is not None else None
    editor = meet_editor() if place is None else None
    # An editor that starts does not have to wait for this.
    from agent.cli.errors import shown_to_the_user

    with shown_to_the_user():
        if place is not None:
            serve_on(*place)
        assert editor is not None
        sys.exit(serve_editor(editor))


def _place(given: str) -> tuple[str, int]:
    host, _, port = given.rpartition(":")
    host = host.strip("[]") or _LOOPBACK
    if host not in _ON_THIS_MACHINE or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter(
            f"{given!r} is no [HOST:]PORT of this machine, e.g. 127.0.0.1:8422", param_hint="--tcp"
        )
    return host, int(port)
