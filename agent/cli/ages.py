"""Lengths of time as people write them: 12h, 30d, 8w."""

import re

import click

_UNITS = {"h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


def age(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return the seconds of an option such as 30d; a callback of click."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d+)([hdw])", value)
    if not match:
        raise click.BadParameter(f"{value!r} is no age: write 12h, 30d or 8w", ctx, param)
    return int(match[1]) * _UNITS[match[2]]
