"""How a task ends, and the exit code each ending has."""

from enum import StrEnum


class Outcome(StrEnum):
    """The one word a finished task is known by; scripts read it or the exit code."""

    VERIFIED = "verified"
    VERIFIED_WITH_PREEXISTING = "verified_with_preexisting"
    DONE = "done"
    """ask, review: the job is done, and nothing is claimed about tests."""
    ERROR = "error"
    USAGE = "usage"
    UNVERIFIED = "unverified"
    BROKEN = "broken"
    NOT_REPRODUCED = "not_reproduced"
    NO_PATCH = "no_patch"
    NO_PLANNER = "no_planner"
    BUDGET = "budget"
    DENIED = "denied"
    SANDBOX = "sandbox"
    ENVIRONMENT = "environment"
    INTERRUPTED = "interrupted"


EXIT_CODES: dict[Outcome, int] = {
    Outcome.VERIFIED: 0,
    Outcome.VERIFIED_WITH_PREEXISTING: 0,
    Outcome.DONE: 0,
    Outcome.ERROR: 1,
    Outcome.USAGE: 2,
    Outcome.UNVERIFIED: 20,
    Outcome.BROKEN: 21,
    Outcome.NOT_REPRODUCED: 30,
    Outcome.NO_PATCH: 31,
    Outcome.NO_PLANNER: 32,
    Outcome.BUDGET: 40,
    Outcome.DENIED: 50,
    Outcome.SANDBOX: 60,
    Outcome.ENVIRONMENT: 61,
    Outcome.INTERRUPTED: 130,
}

STRICT_PREEXISTING = 10


def exit_code(outcome: Outcome, *, strict: bool = False) -> int:
    """Return the process exit code of an outcome; `strict` tells pre-existing failures apart."""
    if strict and outcome is Outcome.VERIFIED_WITH_PREEXISTING:
        return STRICT_PREEXISTING
    return EXIT_CODES[outcome]
