"""What a model is asked for, and the conversation about it so far."""

from dataclasses import dataclass
from enum import StrEnum

from agent.protocol.check import TestResult
from agent.protocol.conversation import Turn


class Job(StrEnum):
    """The prompt that a task begins with."""

    FIX = "fix"
    DO = "do"
    ASK = "ask"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is wanted; the same for all turns of a task, so that endpoints can cache the beginning."""

    job: Job
    goal: str
    """The user's own words; empty for a fix."""
    intent: str = ""
    tests: tuple[TestResult, ...] = ()
    """The failing tests that are to pass."""
    checks: tuple[str, ...] = ()
    """How the repository is checked, one command each."""
    change: str = ""
    """The diff that is reviewed."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the harness or the user says after so many turns."""

    after: int
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said, in order; all of it comes from recorded events."""

    turns: tuple[Turn, ...] = ()
    remarks: tuple[Remark, ...] = ()
