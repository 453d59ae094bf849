"""What a model hears about its proposal: recorded facts, as data."""

from agent.planners.llm.quoting import Quotes
from agent.protocol.round import Round
from agent.protocol.state import TaskState
from agent.protocol.verdict import Verdict

_SHOWN = 8


def feedback(state: TaskState, one: Round) -> str:
    """Return what the harness says about a proposal that it did not accept."""
    if one.refusal or one.verdict is None:
        return f"The harness could not apply your change: {one.refusal}"
    facts = Quotes().quote("\n".join(_facts(one.verdict)), "verdict")
    return f"The harness measured your change and does not accept it:\n{facts}"


def _facts(verdict: Verdict) -> list[str]:
    names = ("fixed", "broken", "vanished", "skipped_now", "still_failing", "not_run", "weakened")
    lines = [_named(name, getattr(verdict, name)) for name in names if getattr(verdict, name)]
    lines += [f"{one.test}: {one.message}" for one in verdict.failures[:_SHOWN]]
    lines += [f"proof {one.kind}: {one.test}: {one.message}" for one in verdict.proofs[:_SHOWN]]
    lines += [
        f"loosened: {one.location.path}:{one.location.line} {one.kind}" for one in verdict.tampering[:_SHOWN]
    ]
    lines += [
        f"{one.location.path}:{one.location.line}: {one.message}" for one in verdict.diagnostics[:_SHOWN]
    ]
    lines += [f"note: {note}" for note in verdict.notes]
    return lines or ["no test changed its outcome"]


def _named(name: str, tests: tuple[str, ...]) -> str:
    more = f" and {len(tests) - _SHOWN} more" if len(tests) > _SHOWN else ""
    return f"{name.replace('_', ' ')}: {', '.join(tests[:_SHOWN])}{more}"
