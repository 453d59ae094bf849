"""Values as they are written in a field, and back."""

import math
from collections.abc import Sequence

from agent.protocol.errors import UsageError
from agent.untrusted.redact import redact
from tui.screens.settings.schema import Field, Kind

Toml = str | int | float | bool | list[str]


def written(value: object) -> str:
    """Return a value as one types it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(str(one) for one in value)
    return str(value)


def brief(value: object) -> str:
    """Return a value on one line."""
    if value is None or value == "":
        return "not set"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " · ".join(str(one) for one in value) or "none"
    return written(value)


def read(text: str, field: Field) -> Toml | None:
    """Return the value that a text stands for, None for an empty one; raises UsageError."""
    given = text.strip()
    if redact(given).kinds:
        raise UsageError(
            "that looks like a secret, and this file is no place for one",
            hint="put it into the environment or the keyring and write env:NAME or keyring:SERVICE",
        )
    if not given:
        return None
    match field.kind:
        case Kind.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        case Kind.WHOLE | Kind.NUMBER:
            return _number(given, field)
        case Kind.CHOICE if field.choices == ("true", "false"):
            return given == "true"
        case _:
            return given


def _number(text: str, field: Field) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if field.kind is Kind.WHOLE or not math.isfinite(number):
        raise UsageError(f"{text!r} is not {field.kind}")
    return number
