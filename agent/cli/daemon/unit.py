"""`ratchet daemon unit`: a systemd user unit, for those who want the daemon always there."""

import os

import click

from agent.config import state_dir

_UNIT = """\
[Unit]
Description=Ratchet: keeps and runs coding tasks
After=default.target

[Service]
ExecStart={command}
{environment}Restart=on-failure
RestartSec=1
# The daemon ends its workers in good order; what it leaves is killed.
KillMode=mixed
TimeoutStopSec=30
# Sandboxes put their limits into control groups of their own.
Delegate=yes

[Install]
WantedBy=default.target
"""


@click.command()
def unit() -> None:
    """Print a systemd user unit that keeps the daemon running.

    Not needed: commands start the daemon by themselves. With it, queued tasks also go on after a
    reboot, before anybody runs a command.

    \b
    ratchet daemon unit > ~/.config/systemd/user/ratchet.service
    systemctl --user daemon-reload && systemctl --user enable --now ratchet
    loginctl enable-linger          keeps it running while you are logged out
    """
    from agent.client.process import command

    words = [*command(state_dir().absolute()), "--idle-minutes", "0"]
    click.echo(
        _UNIT.format(
            command=" ".join(_quoted(word).replace("$", "$$") for word in words), environment=_environment()
        ),
        nl=False,
    )


def _environment() -> str:
    """Return the settings of this shell that the daemon needs and would not get from systemd."""
    names = ("PATH", "DOCKER_HOST", "RATCHET_CONFIG", "RATCHET_DATABASE_URL", "PYTHONPATH")
    given = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    return "".join(f"Environment={_quoted(one)}\n" for one in given)


def _quoted(word: str) -> str:
    """Quote a word for systemd (systemd.syntax(7)), where `%` is special even in quotes."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if any(c in escaped for c in " \t\"\\'") else escaped
