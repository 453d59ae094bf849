"""What was tried so far: each proposal, what it took to find it, and what the harness said about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.protocol.control import RetryRequested
from agent.protocol.event import (
    EditsApplied,
    EditsRefused,
    Event,
    ProposalMade,
    VerdictReached,
)
from agent.protocol.proposal import Effort
from agent.protocol.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Attempt:
    """A proposal of a planner, or that it gave up."""

    planner: str
    effort: Effort
    rationale: str = ""
    files: tuple[str, ...] = ()
    said: str = ""
    """What came of it."""
    good: bool | None = None
    """None while it is being measured."""


def attempts(events: Iterable[Event]) -> tuple[Attempt, ...]:
    """Return what planners came up with since the task was last begun, in order."""
    found: list[Attempt] = []
    for event in events:
        match event.body:
            case RetryRequested():
                found = []
            case ProposalMade() as body:
                found.append(_attempt(body))
            case EditsApplied(patch=patch) if found:
                found[-1] = replace(found[-1], files=patch.files)
            case EditsRefused(reason=reason) if found:
                found[-1] = replace(found[-1], said=f"does not fit: {reason}", good=False)
            case VerdictReached(verdict=verdict) if found:
                found[-1] = replace(found[-1], said=_said(verdict), good=_is_good(verdict))
    return tuple(found)


def _attempt(body: ProposalMade) -> Attempt:
    offered = body.proposal
    if body.exhausted:
        return Attempt(offered.planner, offered.effort, said=f"gave up: {body.exhausted}", good=False)
    return Attempt(offered.planner, offered.effort, offered.rationale)


def _is_good(verdict: Verdict) -> bool:
    loosened = verdict.test_control or verdict.tampering or verdict.skipped_now
    return bool(verdict.fixed) and verdict.harmless and not verdict.still_failing and not loosened


def _said(verdict: Verdict) -> str:
    counted = (
        (len(verdict.fixed), "fixed"),
        (len(verdict.still_failing), "still failing"),
        (len(verdict.broken) + len(verdict.weakened), "broken"),
        (len(verdict.vanished), "vanished"),
        (len(verdict.not_run), "not run"),
        (len(verdict.diagnostics), "new complaints"),
        (len(verdict.set_apart), "set apart"),
    )
    parts = [f"{count} {name}" for count, name in counted if count]
    return f"{verdict.scope} check: " + (", ".join(parts) or "nothing changes")


def tried(found: Iterable[Attempt]) -> str:
    """Return in one line what was tried in all; empty before anything was."""
    all_of = tuple(found)
    effort = Effort()
    for one in all_of:
        effort = effort.plus(one.effort)
    if not all_of:
        return ""
    proposals = sum(not one.said.startswith("gave up") for one in all_of)
    parts = [f"{proposals} proposal{'s' * (proposals != 1)}"]
    if effort.candidates:
        rate = f" ({effort.candidates_per_second:.0f}/s)" if effort.seconds else ""
        parts.append(f"{effort.candidates} candidates tried{rate}")
    if effort.model_calls:
        parts.append(f"{effort.model_calls} model calls")
    return ", ".join(parts)
