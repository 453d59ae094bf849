"""What is stronger than the user's file: the environment and the organization."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.config import OrganizationConfig, organization_file
from tui.screens.settings.kinds import brief
from tui.screens.settings.schema import Path


@dataclass(frozen=True, slots=True)
class Above:
    """What holds instead of the file's value, and who says so."""

    holds: str
    """Empty where the file's value holds all the same."""
    because: str


def above(
    path: Path, value: object, organization: OrganizationConfig, environ: Mapping[str, str]
) -> Above | None:
    """Return what is stronger than a key of the file; `value` is what the file, or the default, says."""
    match path:
        case ("sandbox", "kind"):
            return _sandbox(organization, environ)
        case ("limits", name):
            return _limit(name, value, organization, environ)
        case ("policy", subject) if added := getattr(organization.policy, subject):
            return Above("", f"{_organization()} has rules that hold besides: {brief(added)}")
        case ("models", *_) | ("routing", *_) if environ.get("RATCHET_MODEL_URL"):
            return Above(environ.get("RATCHET_MODEL", ""), "RATCHET_MODEL_URL names the only model")
        case ("routing", "plan" | "edit" | "review" | "stages") if chosen := environ.get("RATCHET_MODEL"):
            return Above(chosen, "RATCHET_MODEL names the only model")
        case ("tui", "theme") if environ.get("NO_COLOR"):
            return Above("no colours", "NO_COLOR is set")
    return None


def _sandbox(organization: OrganizationConfig, environ: Mapping[str, str]) -> Above | None:
    if organization.sandbox is not None:
        return Above(organization.sandbox.kind, f"{_organization()} allows no other")
    chosen = environ.get("RATCHET_SANDBOX")
    return Above(chosen, "RATCHET_SANDBOX says so") if chosen else None


def _limit(
    name: str, value: object, organization: OrganizationConfig, environ: Mapping[str, str]
) -> Above | None:
    asked = environ.get("RATCHET_TIMEOUT") if name == "seconds" else None
    most = getattr(organization.limits, name)
    wanted = asked or value
    if most is not None:
        exceeds = _number(wanted) is None or (_number(wanted) or 0.0) > most
        bound = f"{_organization()} allows at most {brief(most)}"
        if exceeds or not asked:
            return Above(brief(most) if exceeds else "", bound)
    return Above(asked, "RATCHET_TIMEOUT says so") if asked else None


def _organization() -> str:
    file = organization_file()
    return "your organization" if file is None else f"your organization ({file})"


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
