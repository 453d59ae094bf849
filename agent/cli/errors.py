"""Errors as the user sees them: one sentence, a hint, the exit code, and JSON when asked for."""

import errno
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from agent.cli.terminal import sanitize
from agent.protocol.errors import RatchetError
from agent.protocol.outcome import exit_code

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})


@contextmanager
def shown_to_the_user(as_json: bool = False) -> Iterator[None]:
    """Turn a RatchetError, and a disk that refuses, into a message on stderr and an exit code."""
    try:
        with _disk_explained():
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


@contextmanager
def _disk_explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        raise RatchetError(
            f"{error.filename or 'the disk'}: {error.strerror}",
            hint="`ratchet doctor` says what is wrong; RATCHET_STATE_DIR names another place",
        ) from error
