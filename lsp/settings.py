"""What a user sets in the editor; each value for itself, so that a wrong one leaves the others in force."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from agent.protocol.value import Value

SECTION = "ratchet"
_TRUST = "trusted"


class Settings(Value):
    """The section `ratchet` of the editor's settings; never a secret."""

    trusted: bool = False
    """Whether the sandbox `process`, which isolates nothing, may be used for what is open."""
    sandbox: Literal["auto", "docker", "bubblewrap", "process"] | None = None
    """Where code of the repository runs; None is the user's own file."""
    model: str | None = None
    """Name of a model, `search` or `auto`; None is the user's own file."""
    budget: float | None = Field(default=None, ge=0, allow_inf_nan=False)
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
    good, wrong = _sorted(section_of(told))
    return Settings.model_validate(good), wrong


def later_settings(first: object, told: object) -> tuple[Settings, tuple[str, ...]]:
    """Return as `read_settings` what is in force once more was told after `initializationOptions`.

    Trust can only be taken back: some editors let the repository bring what they tell later.
    """
    good, _ = _sorted(section_of(first))
    more, wrong = _sorted(section_of(told))
    if more.get(_TRUST) and not good.get(_TRUST):
        del more[_TRUST]
        wrong = (*wrong, f"`{SECTION}.{_TRUST}` counts in the initializationOptions only")
    return Settings.model_validate({**good, **more}), wrong


def section_of(told: object) -> object:
    """Return what is said about us."""
    return told.get(SECTION, told) if isinstance(told, Mapping) else told


def concerns_us(told: object) -> bool:
    """Say whether settings of an editor say anything about us; it may send those of all servers to each."""
    return isinstance(told, Mapping) and bool({SECTION, *Settings.model_fields} & set(told))


def _sorted(given: object) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the values that can be meant, and a sentence for each other one; null is not set."""
    if given is None:
        return {}, ()
    if not isinstance(given, Mapping):
        return {}, (f"the settings of `{SECTION}` are not an object",)
    said = {str(name): value for name, value in given.items() if value is not None}
    problems = {name: _problem(name, value) for name, value in said.items()}
    good = {name: value for name, value in said.items() if not problems[name]}
    return good, tuple(problem for problem in problems.values() if problem)


def _problem(name: str, value: object) -> str:
    if name not in Settings.model_fields:
        return f"there is no setting `{SECTION}.{name[:40]}`"
    try:
        Settings.model_validate({name: value}, strict=True)
    except ValidationError as error:
        return f"`{SECTION}.{name}`: {error.errors()[0]['msg']}"
    return ""
