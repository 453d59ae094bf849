"""What a user sets in the editor; each value for itself, so that a wrong one leaves the others in force."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from agent.protocol.value import Value

SECTION = "ratchet"


class Settings(Value):
    """The section `ratchet` of the editor's settings; never a secret."""

    trusted: bool = False
    """Whether the sandbox `process`, which isolates nothing, may be used for what is open."""
    sandbox: str | None = None
    """auto, docker, bubblewrap or process; None is the user's own file."""
    model: str | None = None
    """Name of a model, `search` or `auto`; None is the user's own file."""
    budget: float | None = None
    """US dollars for each task."""
    diagnostics: bool = True
    suspects: bool = True
    """Lines that a failing test makes suspicious, as hints."""
    lens: bool = True
    hover: bool = True
    symbols: bool = False
    """Symbols of documents and of the workspace; most languages have a server that knows better."""
    references: bool = False
    calls: bool = False


def read_settings(told: object) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings in what an editor sent, and a sentence for each value that cannot be meant.

    Both `{"ratchet": {...}}` and its inside are understood; names we do not know are reported too.
    """
    given = told.get(SECTION, told) if isinstance(told, Mapping) else told
    if given is None:
        return Settings(), ()
    if not isinstance(given, Mapping):
        return Settings(), (f"the settings of `{SECTION}` are not an object",)
    good: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in given.items():
        problem = _problem(str(name), value)
        if problem:
            wrong.append(problem)
        else:
            good[str(name)] = value
    return Settings.model_validate(good), tuple(wrong)


def _problem(name: str, value: object) -> str:
    if name not in Settings.model_fields:
        return f"there is no setting `{SECTION}.{name}`"
    try:
        Settings.model_validate({name: value})
    except ValidationError as error:
        return f"`{SECTION}.{name}`: {error.errors()[0]['msg']}"
    return ""
