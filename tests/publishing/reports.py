"""Reports in which one text stands wherever people or models may have put one."""

from agent.patches.rendering.change import change_of
from agent.patches.rendering.diffs import unified_diff_text
from agent.protocol.check import Location, TestStatus
from agent.protocol.conversation import Finding
from agent.protocol.event import SandboxInForce
from agent.protocol.forge import RunEvidence
from agent.protocol.outcome import Outcome
from agent.protocol.proposal import Effort
from agent.protocol.report import Report, Tokens
from agent.protocol.verdict import (
    Diagnostic,
    Failure,
    Proof,
    ProofKind,
    Scope,
    Tamper,
    TamperKind,
    Verdict,
)
from agent.publishing.rendering.traces import Missing, Traces

TASK = "20261122-101112-0a1b2c3d"
HEAD = "0123456789abcdef0123456789abcdef01234567"


def diff(path: str, before: str | None, after: str | None, context: int = 3) -> str:
    """Return a diff as git writes it."""
    contents = (None if text is None else text.encode("utf-8", "replace") for text in (before, after))
    return unified_diff_text([change_of(path, *contents)], context)


def verdict(text: str) -> Verdict:
    """Return a verdict with a test of that name in some classes."""
    at = Location(path=text, line=3)
    return Verdict(
        tree="f" * 40,
        scope=Scope.FULL,
        fixed=(text,),
        broken=tuple(f"{text}{number}" for number in range(7)),
        not_run=(text,),
        passed=12,
        diagnostics=(Diagnostic(tool=text, location=at, message=text, code=text),),
        weakened=(text,),
        tampering=(Tamper(kind=TamperKind.SKIPPED, location=at, test=text, message=text),),
        notes=(text,),
        proofs=(
            Proof(
                test=text,
                kind=ProofKind.WEAK,
                red=TestStatus.FAILED,
                candidate=TestStatus.PASSED,
                message=text,
            ),
        ),
        failures=(Failure(test=text, message=text, location=at),),
    )


def findings(text: str) -> tuple[Finding, ...]:
    """Return a proven finding and an unproven one."""
    said = {"path": text, "line": 3, "title": text, "body": text, "severity": text, "evidence": text}
    return (Finding(**said, proven=True, test=text), Finding(**said))


def report(text: str, outcome: Outcome = Outcome.BROKEN) -> Report:
    """Return a report with everything in it."""
    return Report(
        task_id=TASK,
        outcome=outcome,
        base_commit="b" * 40,
        tree="f" * 40,
        branch=text,
        patch=diff("a.py", "one\n", f"{text}\n"),
        files=("a.py",),
        verdict=verdict(text),
        planner=text,
        candidates=3,
        candidates_per_second=1.0,
        seconds=12.5,
        model_calls=2,
        tokens=Tokens(input=10_000, output=20),
        cost_usd=0.0123,
        sandbox=SandboxInForce(kind=text, image=text, network=text, missing_limits=(text,)),
        reason=text,
        hint=text,
        log=text,
        findings=findings(text),
        by_model={text: Effort(model_calls=2)},
    )


def evidence(text: str) -> RunEvidence:
    """Return the failed step of a run in which everything has that name."""
    named = {"workflow": text, "job": text, "step": text, "command": text, "message": text}
    return RunEvidence(**named, excerpt=text, failing=(text,), skipped=(text,))


def traces(text: str) -> Traces:
    """Return what a task left under that name, and a failure that says it."""
    return Traces(
        branch=text,
        branch_url=text,
        pull=13,
        pull_url=text,
        review_url=text,
        missing=(Missing(what="The branch could not be pushed", why=text),),
        moved_to=HEAD[::-1],
        fork=True,
        groups=(text,),
    )
