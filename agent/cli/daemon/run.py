"""`ratchet daemon run`: the daemon in this terminal."""

import sys

import click


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...]) -> None:
    """Run the daemon in this terminal until Ctrl-C; `--help` lists its own options."""
    from agent.daemon.__main__ import main

    sys.exit(main(arguments))
