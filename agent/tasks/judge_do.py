"""What a `do` task deserves: which facts speak against its change, and what proves it."""

from collections.abc import Iterable, Iterator, Sequence

from agent.protocol.outcome import Outcome
from agent.protocol.task import Intent
from agent.protocol.verdict import Failure, Proof, ProofKind, Scope, Survivor, Tamper, TamperKind, Verdict
from agent.tasks.judgement import Judgement, is_named, told_still_failing

_SHOWN = 3
_LISTED = 10
_LINE = 300
_HINT = "the change is in the report: read it, or add a test that shows it"
_SETTINGS = (TamperKind.TEST_SETTINGS, TamperKind.TOOL_SETTINGS)


def accepts_do(verdict: Verdict, intent: Intent, named: Iterable[str] = ()) -> bool:
    """Say whether a verdict proves the change of a `do` task; `named` are tests that the user named.

    Implement: the whole check was measured and nothing is broken, lost, skipped now or newly complained
    about; the tests of the base pass as they were, none of them was loosened and no settings were
    changed; and at least one test fails without the change of the source and passes with it: a strong
    proof, or a weak one that asserts something. Refactor and document: the same, but no test may change
    its outcome; new tests may pass. A test that the user named may be edited, not what decides how tests run.
    """
    return not faults(verdict, intent, named)


def judge_do(verdict: Verdict, intent: Intent, named: Iterable[str] = ()) -> Judgement:
    """Return the outcome of a `do` task with a measured change."""
    found = faults(verdict, intent, named)
    if found:
        return Judgement(outcome=Outcome.UNVERIFIED, reason="; ".join(found[:2]), hint=_HINT)
    reason = _proven(verdict) if intent is Intent.IMPLEMENT else _unchanged(verdict)
    if verdict.still_failing:
        told = told_still_failing(verdict)
        return Judgement(outcome=Outcome.VERIFIED_WITH_PREEXISTING, reason=f"{reason}; {told}")
    return Judgement(outcome=Outcome.VERIFIED, reason=reason)


def faults(verdict: Verdict, intent: Intent, named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return every fact that keeps a change from being verified, the gravest first."""
    names = tuple(named)
    found = [*_harm(verdict), *_distrust(verdict, names)]
    if not (verdict.passed or verdict.fixed or verdict.new or verdict.still_failing):
        found.append("no check could measure the change")
    elif intent is Intent.IMPLEMENT:
        found += _unproven(verdict)
    else:
        found += _changed(verdict, intent)
    return tuple(found)


def _harm(verdict: Verdict) -> Iterator[str]:
    if verdict.broken:
        yield f"the change breaks {_named(verdict.broken)}"
    if verdict.vanished:
        yield f"the change loses {_named(verdict.vanished)}"
    if verdict.skipped_now:
        yield f"the change makes {_named(verdict.skipped_now)} be skipped or expected to fail"
    if verdict.diagnostics:
        one = verdict.diagnostics[0]
        where = f"{one.location.path}:{one.location.line}"
        yield f"the change adds {len(verdict.diagnostics)} complaints, e.g. {where}: {one.message}"
    if verdict.not_run:
        yield f"{_named(verdict.not_run)} could not be measured"
    if verdict.scope is not Scope.FULL:
        yield "the whole check was not run"


def _distrust(verdict: Verdict, named: Sequence[str]) -> Iterator[str]:
    weakened = [test for test in verdict.weakened if not _is_goal(test, named)]
    if weakened:
        yield f"{_named(weakened)} fail on the changed code as they were before the change"
    if verdict.test_control:
        yield f"the change edits files that decide how tests run ({', '.join(verdict.test_control[:_SHOWN])})"
    loosened = [
        one
        for one in verdict.tampering
        if not (one.test and _is_goal(one.test, named)) and one.location.path not in verdict.test_control
    ]
    if loosened:
        shown = ", ".join(f"{_place(one)} {one.kind}" for one in loosened[:_SHOWN])
        yield f"the change loosens what measures it: {shown}"


def _is_goal(test: str, named: Sequence[str]) -> bool:
    return any(is_named(test, name) or test == name.partition("[")[0] for name in named)


def _unproven(verdict: Verdict) -> Iterator[str]:
    if not _shown(verdict):
        yield (
            "nothing broke, but no test shows the new behaviour"
            if verdict.harmless
            else ("no test shows the new behaviour")
        )


def _changed(verdict: Verdict, intent: Intent) -> Iterator[str]:
    proven = [proof.test for proof in _shown(verdict) if proof.test not in verdict.new]
    changed = tuple(dict.fromkeys((*verdict.fixed, *proven)))
    if changed:
        word = "refactoring" if intent is Intent.REFACTOR else "documentation"
        yield f"{_named(changed)} changed outcome, which {word} must not do"


def _shown(verdict: Verdict) -> list[Proof]:
    return [proof for proof in verdict.proofs if proof.kind is not ProofKind.NONE]


def _proven(verdict: Verdict) -> str:
    shown = _shown(verdict)
    strong = sum(proof.kind is ProofKind.STRONG for proof in shown)
    told = f"{_count(shown)} fail{'s' if len(shown) == 1 else ''} without the change and"
    told += f" pass{'es' if len(shown) == 1 else ''} with it"
    weak = "" if strong else ", only because what they use did not exist"
    names = _some([proof.test for proof in shown])
    return f"{told}{weak} ({names}); nothing broken, {_others(verdict)}"


def _others(verdict: Verdict) -> str:
    return f"{verdict.passed} other{'s pass' if verdict.passed != 1 else ' passes'}"


def _unchanged(verdict: Verdict) -> str:
    more = f", {_count(verdict.new)} new" if verdict.new else ""
    return f"no test changed its outcome: {verdict.passed} pass as before{more}"


def _count(tests: Sequence[object]) -> str:
    return f"{len(tests)} test{'s' if len(tests) != 1 else ''}"


def _named(tests: Sequence[str]) -> str:
    return f"{_count(tests)} ({_some(tests)})"


def _some(tests: Sequence[str]) -> str:
    more = f" and {len(tests) - _SHOWN} more" if len(tests) > _SHOWN else ""
    return ", ".join(tests[:_SHOWN]) + more


def _place(one: Tamper | Survivor) -> str:
    return f"{one.location.path}:{one.location.line}"


def feedback(verdict: Verdict, intent: Intent, named: Iterable[str] = ()) -> str:
    """Return what a model is told of a verdict: recorded facts only, one a line, each list capped."""
    found = faults(verdict, intent, named)
    lines = [f"not verified: {fault}" for fault in found] or ["verified"]
    for part in (_of_tests, _of_loosening, _of_proofs):
        lines += part(verdict)
    lines += [f"note: {note}" for note in verdict.notes[:_LISTED]]
    return "\n".join(" ".join(line.split())[:_LINE] for line in lines)


def _of_tests(verdict: Verdict) -> list[str]:
    told = {failure.test: _told(failure) for failure in verdict.failures}
    lines = [f"broken: {test}{told.get(test, '')}" for test in verdict.broken[:_LISTED]]
    lines += [f"still failing: {test}{told.get(test, '')}" for test in verdict.still_failing[:_LISTED]]
    weakened = verdict.weakened[:_LISTED]
    lines += [f"fails as it was before the change: {test}{told.get(test, '')}" for test in weakened]
    complaints = verdict.diagnostics[:_LISTED]
    return lines + [
        f"complaint: {one.location.path}:{one.location.line}: {one.message}" for one in complaints
    ]


def _told(failure: Failure) -> str:
    where = f" at {failure.location.path}:{failure.location.line}" if failure.location else ""
    return f": {failure.message}{where}"


def _of_loosening(verdict: Verdict) -> list[str]:
    return [f"{_word(one)}: {_place(one)} {one.kind} {one.message}" for one in verdict.tampering[:_LISTED]]


def _word(one: Tamper) -> str:
    return "settings changed" if one.kind in _SETTINGS else "loosened"


def _of_proofs(verdict: Verdict) -> list[str]:
    lines = [
        f"{proof.kind} proof: {proof.test}: without the change {proof.red}: {proof.message}"
        for proof in verdict.proofs[:_LISTED]
    ]
    survivors = verdict.strength.survivors[:_LISTED] if verdict.strength else ()
    return lines + [f"no test notices {one.change} at {_place(one)}" for one in survivors]
