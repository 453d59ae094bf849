"""`ratchet tui`, and `ratchet` alone: the terminal user interface."""

import sys
from pathlib import Path

import click

from agent.cli.options import directory_option

_NO_TERMINAL = """ratchet: this is no terminal to show anything on
hint: `ratchet tasks list` prints the tasks, `ratchet --help` every command"""


@click.command()
@directory_option
def tui(directory: Path) -> None:
    """See, steer and trust the work from the terminal.

    The tasks of the daemon, live: what a model says and does, the verdict test by test, the diff hunk by
    hunk. F1 shows the keys, Ctrl+P everything that can be done.

    \b
    ratchet
    ratchet tui -C ~/src/project
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(_NO_TERMINAL, err=True)
        sys.exit(2)
    from tui.app import RatchetApp

    app = RatchetApp(lambda: _with_daemon(directory))
    app.run()
    sys.exit(app.return_code or 0)


def _with_daemon(directory: Path):  # type: ignore[no-untyped-def]
    from tui.start import with_daemon

    return with_daemon(directory)
