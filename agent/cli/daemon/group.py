"""`ratchet daemon`: the process that runs the tasks."""

import click

from agent.cli.lazy_group import LazyGroup

_COMMANDS = {
    "start": ("agent.cli.daemon.life:start", "Start the daemon, if none runs."),
    "stop": ("agent.cli.daemon.life:stop", "Stop it; open tasks go on at the next start."),
    "status": ("agent.cli.daemon.status:status", "Say whether it runs, and what it has to do."),
    "run": ("agent.cli.daemon.run:run", "Run it in this terminal."),
    "logs": ("agent.cli.daemon.logs:logs", "Print its log."),
    "unit": ("agent.cli.daemon.unit:unit", "Print a systemd user unit."),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def daemon() -> None:
    """Start, stop and look at the daemon, which keeps and runs the tasks.

    There is no need to start it: the first command that wants it does, and it ends by itself when it
    has been idle for a while. Killing it loses nothing: its tasks go on where they were.

    \b
    ratchet daemon status
    ratchet daemon logs -f
    ratchet daemon stop
    """
