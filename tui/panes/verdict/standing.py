"""How a verdict stands in a few sentences: the outcome, and what speaks against it and for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.protocol.outcome import EXIT_CODES, Outcome
from agent.protocol.policy import Decision
from agent.protocol.state import TaskState
from agent.protocol.verdict import ProofKind, Scope, Verdict
from tui.panes.verdict.judged import Judged

_SHOWN = 3
_SCOPES = {
    Scope.TARGET: "target check",
    Scope.IMPACTED: "impacted check",
    Scope.FULL: "full check",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`good` is None while nothing is decided; any of the texts may hold what others wrote."""

    word: str
    good: bool | None = None
    facts: tuple[str, ...] = ()
    """What it is about: the check, the tree, the sandbox."""
    reason: str = ""
    hint: str = ""
    against: tuple[str, ...] = ()
    """What keeps the change from being proven."""
    told: tuple[str, ...] = ()
    """What a reader has to know beside that."""
    support: tuple[str, ...] = ()


def standing(state: TaskState, one: Judged, of: int) -> Standing:
    """Return how a verdict stands; `of` is how many the task has."""
    verdict = one.verdict
    word, good, reason, hint = _outcome(state, one, of)
    return Standing(
        word=word,
        good=good,
        facts=tuple(_facts(state, one, of)),
        reason=reason,
        hint=hint,
        against=tuple(against(verdict)),
        told=(*_settled(state), *_as_before(verdict), *verdict.notes, *_overridden(verdict)),
        support=tuple(_support(verdict)),
    )


def _outcome(state: TaskState, one: Judged, of: int) -> tuple[str, bool | None, str, str]:
    if not one.counts:
        return "another proposal", False if any(against(one.verdict)) else None, "", ""
    if state.finished is not None:
        good = EXIT_CODES[state.finished.outcome] == 0
        return state.finished.outcome.value, good, state.finished.reason, state.finished.hint
    if state.open_approvals:
        return "measured, waits for an answer", None, state.open_approvals[0].reason, ""
    return "measured, nothing is decided yet", None, "", ""


def _facts(state: TaskState, one: Judged, of: int) -> Iterator[str]:
    if of > 1:
        yield f"round {one.number}"
    yield _SCOPES[one.verdict.scope]
    yield f"tree {one.verdict.tree[:12]}"
    if one.verdict.seconds:
        yield f"{one.verdict.seconds:.1f} s"
    if state.sandbox is not None:
        missing = ", ".join(state.sandbox.missing_limits)
        yield state.sandbox.kind + (f" without {missing}" if missing else "")


def against(verdict: Verdict) -> Iterator[str]:
    """Yield what keeps a change from being proven, by the verdict alone."""
    if verdict.scope is not Scope.FULL:
        yield f"only the {verdict.scope} tests ran: nothing but a full check proves"
    counted = (
        (verdict.broken, "test broken", "tests broken"),
        (verdict.weakened, "test fails as it was before", "tests fail as they were before"),
        (verdict.vanished, "test vanished", "tests vanished"),
        (verdict.not_run, "test not run", "tests not run"),
        (verdict.skipped_now, "test skipped now", "tests skipped now"),
        (verdict.diagnostics, "new complaint", "new complaints"),
        (verdict.tampering, "place that loosens tests", "places that loosen tests"),
    )
    for found, one, more in counted:
        if found:
            yield f"{len(found)} {one if len(found) == 1 else more}"
    if verdict.test_control:
        yield f"set apart, since it decides how tests run: {_names(verdict.test_control)}"
    if not _measured(verdict):
        yield "no test was measured"


def _measured(verdict: Verdict) -> int:
    return verdict.passed + sum(map(len, (verdict.fixed, verdict.new, verdict.still_failing, verdict.broken)))


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _settled(state: TaskState) -> Iterator[str]:
    """Yield who allowed or denied what."""
    asked = {one.id: one for one in state.approvals}
    for answer in state.answers:
        if answer.approval_id in asked:
            verb = "denied" if answer.decision is Decision.DENY else "allowed"
            said = f": {answer.reason}" if answer.reason else ""
            yield f"{verb} by {answer.by}: {asked[answer.approval_id].reason}{said}"


def _as_before(verdict: Verdict) -> Iterator[str]:
    """Yield what neither speaks for a change nor against it."""
    for found, one, more in (
        (verdict.still_failing, "test failed before and still fails", "tests failed before and still fail"),
        (verdict.flaky, "test is flaky", "tests are flaky"),
    ):
        if found:
            yield f"{len(found)} {one if len(found) == 1 else more}"


def _overridden(verdict: Verdict) -> Iterator[str]:
    if verdict.overridden:
        yield f"options of the repository that were neutralized: {_names(verdict.overridden)}"


def _support(verdict: Verdict) -> Iterator[str]:
    if verdict.fixed:
        yield f"{len(verdict.fixed)} test{'s' * (len(verdict.fixed) != 1)} fixed"
    if verdict.new:
        yield f"{len(verdict.new)} new"
    if verdict.passed:
        yield f"{verdict.passed} passed as before"
    for kind in (ProofKind.STRONG, ProofKind.WEAK, ProofKind.NONE):
        found = sum(one.kind is kind for one in verdict.proofs)
        if found:
            yield f"{found} {_PROOFS[kind]}{'s' * (found != 1 and kind is not ProofKind.NONE)}"
    if verdict.strength is not None:
        noticed = verdict.strength.killed + verdict.strength.timed_out
        tried = noticed + verdict.strength.survived
        unmeasured = f", {verdict.strength.unmeasured} not tried" if verdict.strength.unmeasured else ""
        yield f"{noticed} of {tried} small faults in the change are noticed{unmeasured}"


_PROOFS = {
    ProofKind.STRONG: "strong proof",
    ProofKind.WEAK: "weak proof",
    ProofKind.NONE: "of its tests without a proof",
}


def waiting(state: TaskState) -> Standing:
    """Return why there is no verdict, and what to do about it."""
    kind = state.spec.kind.value if state.spec else ""
    if state.finished is not None:
        good = EXIT_CODES[state.finished.outcome] == 0
        word = state.finished.outcome.value
        if state.finished.outcome is Outcome.DONE:
            return Standing(word, good, reason=f"`{kind}` claims nothing about tests, so there is no verdict")
        return Standing(word, good, reason=state.finished.reason, hint=state.finished.hint)
    if kind in ("ask", "review"):
        return Standing(f"`{kind}` at work", reason="it answers; only what it proves is measured")
    if kind == "verify" and state.baseline is not None:
        return Standing("no verdict yet", reason="the check runs without the change and with it")
    if state.refusal:
        return Standing("no verdict yet", reason=f"the newest proposal does not fit: {state.refusal}")
    if state.patch is not None:
        return Standing("no verdict yet", reason="the newest proposal is being measured")
    if state.baseline is not None:
        return Standing("no verdict yet", reason="the base is measured; a change is being looked for")
    if state.snapshot is not None:
        return Standing("no verdict yet", reason="the check is about to run on the base")
    return Standing("no verdict yet", reason="the task has not begun")
