"""Errors as the user sees them: one sentence, a hint, the exit code, and JSON when asked for."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from agent.cli.terminal import sanitize
from agent.protocol.errors import RatchetError
from agent.protocol.outcome import exit_code


@contextmanager
def shown_to_the_user(as_json: bool = False) -> Iterator[None]:
    """Turn a RatchetError into its message on stderr and its exit code."""
    try:
        yield
    except RatchetError as error:
        if as_json:
            document = {"outcome": error.outcome, "code": error.code, "reason": error.message}
            click.echo(json.dumps({**document, "hint": error.hint, "log": error.log}))
        click.echo(f"ratchet: {sanitize(error.message)}", err=True)
        if error.hint:
            click.echo(f"hint: {sanitize(error.hint)}", err=True)
        if error.log:
            click.echo(sanitize(error.log), err=True)
        sys.exit(exit_code(error.outcome))
