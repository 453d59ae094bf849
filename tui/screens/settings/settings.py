"""The settings as rows: each field with what the file says, what holds, and because of whom."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.config import load_organization, parse_user, user_file
from agent.protocol.errors import UsageError
from tui.screens.settings.above import Above, above
from tui.screens.settings.kinds import brief
from tui.screens.settings.schema import Field, Path, fields, section_doc

_LATER = {
    "daemon": "Holds from the next start of the daemon on.",
    "limits": "Holds for tasks from now on.",
    "policy": "Holds for tasks from now on.",
    "sandbox": "Holds for tasks from now on.",
    "models": "Holds for tasks from now on.",
    "routing": "Holds for tasks from now on.",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One field, and its value in the file; `given` is None where the file does not name it."""

    field: Field
    given: object
    above: Above | None = None

    @property
    def value(self) -> str:
        """Return what holds, on one line."""
        if self.above is not None and self.above.holds:
            return self.above.holds
        return brief(self.given if self.given is not None else self.field.default)

    @property
    def origin(self) -> str:
        """Return in a word where that comes from."""
        if self.above is not None and self.above.holds:
            return "pinned"
        return "your file" if self.given is not None else "default"

    def explained(self) -> tuple[str, ...]:
        """Return all there is to say about it, a line each."""
        field = self.field
        what = f"One of {', '.join(field.choices)}" if field.choices else f"{field.kind}".capitalize()
        lines = [field.doc or section_doc(field.section)]
        lines.append(f"{what}{', ' if field.bounds else ''}{field.bounds}. Default: {brief(field.default)}.")
        if self.above is not None:
            holds = f"{self.above.holds} holds instead: " if self.above.holds else ""
            lines.append(f"{holds}{self.above.because}.")
        if later := _LATER.get(field.path[0]):
            lines.append(later)
        return tuple(lines)


def settings() -> tuple[Setting, ...]:
    """Return all settings as they stand; raises UsageError when a file cannot be understood."""
    path, organization = user_file(), load_organization()
    try:
        text = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="see RATCHET_CONFIG") from None
    user = parse_user(text, str(path))
    given = tomllib.loads(text.decode())
    rows = []
    for field in fields(user, given):
        here = _given(given, field.path)
        value = here if here is not None else field.default
        rows.append(Setting(field, here, above(field.path, value, organization, os.environ)))
    return tuple(rows)


def _given(data: Mapping[str, Any], path: Path) -> object:
    found: object = data
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found
