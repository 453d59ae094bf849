"""`ratchet tui`, and `ratchet` alone: the terminal user interface."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import directory_option
from agent.protocol.errors import UsageError

if TYPE_CHECKING:
    from tui.app import MakeDesk, RatchetApp

_NO_TERMINAL = """ratchet: this is no terminal to show anything on
hint: `ratchet tasks list` prints the tasks, `ratchet --help` every command"""


@click.command()
@directory_option
@click.option(
    "--from",
    "recording",
    type=click.Path(path_type=Path),
    metavar="LOG.jsonl",
    help="Play recorded tasks, as `--events` prints them; no daemon is asked.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=1.0,
    help="With --from: times as fast as it was; 0 shows all at once.",
    show_default=True,
)
@click.option("--web", is_flag=True, help="Show it in a browser of this machine; prints the address.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="With --web: 0 is any that is free.")
def tui(directory: Path, recording: Path | None, speed: float, web: bool, port: int) -> None:
    """See, steer and trust the work from the terminal.

    The tasks of the daemon, live: what a model says and does, the verdict test by test, the diff hunk by
    hunk. F1 shows the keys, Ctrl+P everything that can be done.

    \b
    ratchet
    ratchet tui -C ~/src/project
    ratchet tui --from LOG.jsonl --speed 10
    ratchet tui --web
    """
    if web:
        _serve(directory, recording, speed, port)
        return
    # Textual paints on standard error.
    terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if not (terminal or "TEXTUAL_DRIVER" in os.environ):
        click.echo(_NO_TERMINAL, err=True)
        sys.exit(2)
    theme, mouse = _looks()
    app = (
        _on_daemon(directory, theme)
        if recording is None
        else _on_recording(recording, speed, directory, theme)
    )
    app.run(mouse=mouse)
    sys.exit(app.return_code or 0)


def _looks() -> tuple[str, bool]:
    """Return theme and mouse as the user's file has them; what is wrong with it is told later."""
    import tomllib

    from agent.places import user_file

    try:
        given = tomllib.loads(user_file().read_text(encoding="utf-8")).get("tui")
    except (OSError, ValueError):
        given = None
    looks = given if isinstance(given, dict) else {}
    return str(looks.get("theme", "")), looks.get("mouse") is not False


def _on_daemon(directory: Path, theme: str) -> "RatchetApp":
    from tui.app import RatchetApp

    def load() -> "MakeDesk":
        # It takes longer than a first paint may.
        from tui.start import with_daemon

        return with_daemon(directory)

    return RatchetApp(load, theme=theme)


def _on_recording(path: Path, speed: float, directory: Path, theme: str) -> "RatchetApp":
    with shown_to_the_user():
        from tui.messages import OpenTask
        from tui.player import Player
        from tui.start import from_recording, read_recording

        events = read_recording(path)
    first = OpenTask(events[0].task_id)
    return Player(lambda: from_recording(events, speed, directory), first=first, theme=theme)


def _serve(directory: Path, recording: Path | None, speed: float, port: int) -> None:
    from tui.web.server import WebServer, app_command

    options = ["-C", str(directory.resolve())]
    if recording is not None:
        options += ["--from", str(recording.resolve()), "--speed", str(speed)]
    with shown_to_the_user():
        try:
            server = WebServer(app_command(*options), port=port)
        except OSError as error:
            hint = "choose another port, or leave --port out"
            raise UsageError(f"port {port} cannot be used: {error.strerror}", hint=hint) from None
    click.echo(f"open {server.address}")
    click.echo("whoever has this address can do what you can; Ctrl+C ends it", err=True)
    server.serve()
