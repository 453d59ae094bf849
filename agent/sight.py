"""What came of trying out a promise of the configuration, at an endpoint or on a forge."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a promise is kept."""

    KEPT = "kept"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing that was tried; `remedy` says what to do unless it is kept."""

    aspect: str
    verdict: Verdict
    detail: str
    remedy: str = ""
