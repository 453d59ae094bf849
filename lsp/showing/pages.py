"""What is known about a task, as a Markdown document that renders nothing from outside."""

import re
from collections.abc import Iterator, Sequence

from agent.protocol.policy import Approval
from agent.protocol.report import Report, report
from agent.protocol.state import TaskState
from agent.protocol.verdict import ProofKind, Verdict
from agent.untrusted import fences
from agent.untrusted.clean import clean
from lsp.showing.plain import one_line

_CLASSES = ("fixed", "broken", "vanished", "not_run", "flaky", "skipped_now", "still_failing", "new")
_SHOWN = 50
_LONGEST = 200_000
"""Characters of a diff or a log; the daemon has the rest."""
_FENCED = re.compile(r"(^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\2[`~]*\s*$|\Z)|`[^`\n]*`)", re.MULTILINE)
_LIVE = re.compile(r"!(?=\[)|<(?=[A-Za-z/!?])")


def page(state: TaskState, log: str = "") -> str:
    """Return all there is to say about a task as it stands."""
    goal = state.spec.goal if state.spec else ""
    parts = [f"# Ratchet: {title(state)}", *_standing(state), *(["## Goal", fenced(goal)] if goal else [])]
    if state.finished is not None:
        parts += _ended(report(state))
    parts += [section for one in state.open_approvals for section in _question(one)]
    if log:
        parts += ["## Log", fenced(log[-_LONGEST:])]
    return "\n\n".join(parts) + "\n"


def question_page(task_id: str, approval: Approval) -> str:
    """Return what is asked, to the letter."""
    return "\n\n".join((f"# Ratchet asks (task `{task_id}`)", *_question(approval))) + "\n"


def title(state: TaskState) -> str:
    """Return what a task is, in a few words."""
    if state.spec is None:
        return f"task {state.task_id}"
    about = state.spec.goal.partition("\n")[0] or ", ".join(state.spec.tests)
    return one_line(f"{state.spec.kind} {about}".strip(), 80)


def fenced(text: str, language: str = "") -> str:
    """Return a text as a block of code that it cannot end."""
    return fences.fenced(clean(text).text, language)


def rendered(text: str) -> str:
    """Return Markdown of a model without what a viewer would load or run: images, and HTML."""
    pieces = _FENCED.split(clean(text, rendered=True).text)
    # Of three pieces the first is prose, the second code, and the third the fence of that code.
    return "".join(
        _LIVE.sub(r"\\\g<0>", one) if place % 3 == 0 else one
        for place, one in enumerate(pieces)
        if place % 3 != 2
    )


def _standing(state: TaskState) -> Iterator[str]:
    if state.finished is not None:
        yield f"**{state.finished.outcome}**: {_prose(state.finished.reason)}"
        if state.finished.hint:
            yield f"Hint: {_prose(state.finished.hint)}"
    else:
        waits = "paused" if state.paused else "waits for an answer" if state.open_approvals else "at work"
        yield f"**{waits}**, after {state.proposals} proposals and {len(state.turns)} turns of models"
    yield f"Task `{state.task_id}`" + (f" of {_code(state.spec.origin)}" if state.spec else "")


def _ended(told: Report) -> Iterator[str]:
    if told.answer:
        yield from ("## Answer", rendered(told.answer))
    wrong = [
        f"- {_code(f'{one.path}:{one.line}')}: {_prose(one.fault)}" for one in told.citations if one.fault
    ]
    if wrong:
        yield from ("Places in the answer that do not exist:", "\n".join(wrong))
    for one in told.findings:
        yield f"## {_code(f'{one.path}:{one.line}')} {one.severity}: {_prose(one.title)}"
        yield rendered(one.body)
        yield ("Proven. " if one.proven else "Unproven. ") + _prose(one.evidence)
    if told.verdict.seconds or told.verdict.passed:
        yield from _verdict(told.verdict)
    if told.branch:
        yield f"Branch {_code(told.branch)}"
    yield from _spent(told)
    if told.patch and told.planner:
        yield from ("## Patch", fenced(told.patch[:_LONGEST], "diff"))


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"## Verdict ({verdict.scope} check, tree `{verdict.tree[:12]}`)"
    rows = [(name, getattr(verdict, name)) for name in _CLASSES if getattr(verdict, name)]
    complaints = [f"{one.location.path}:{one.location.line}: {one.message}" for one in verdict.diagnostics]
    proofs = [f"{one.test} ({one.kind})" for one in verdict.proofs if one.kind is not ProofKind.NONE]
    loosened = [f"{one.location.path}:{one.location.line} {one.kind}" for one in verdict.tampering]
    rows += [row for row in (("complaints", complaints), ("proof", proofs), ("loosened", loosened)) if row[1]]
    lines = [f"| {name} | {len(found)} | {_cells(found)} |" for name, found in rows]
    yield "\n".join(
        ("| class | count | which |", "| --- | ---: | --- |", *lines, f"| passed | {verdict.passed} | |")
    )
    for note in verdict.notes:
        yield f"Note: {_prose(note)}"
    told = [f"- {_code(one.test)}: {_prose(one.message)}" for one in verdict.failures[:_SHOWN]]
    if told:
        yield "\n".join(("Failures:", "", *told))


def _spent(told: Report) -> Iterator[str]:
    if told.model_calls:
        cost = f", US$ {told.cost_usd:.4f}" if told.cost_usd else ""
        tokens = f"{told.tokens.input} + {told.tokens.output} tokens"
        yield f"Models: {_prose(', '.join(told.by_model))}: {told.model_calls} calls, {tokens}{cost}"
    if told.sandbox is not None:
        missing = ", ".join(told.sandbox.missing_limits)
        yield f"Sandbox: {told.sandbox.kind}, network {told.sandbox.network}" + (
            f"; not enforced: {missing}" if missing else ""
        )
    yield f"{told.seconds:.1f} s"


def _question(approval: Approval) -> Iterator[str]:
    yield f"## Asks: {_prose(approval.reason)}"
    actions = [f"- {one.subject}: {_code(one.value)}" for one in approval.actions]
    if actions:
        yield "\n".join(actions)
    if approval.detail:
        yield fenced(approval.detail, "diff" if approval.detail.startswith("diff ") else "")


def _cells(names: Sequence[str]) -> str:
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return "<br>".join([*(_code(one).replace("|", "\\|") for one in names[:_SHOWN]), *more])


def _code(text: str) -> str:
    """Return one line as a span of code that it cannot end."""
    return fences.span(one_line(text, 300) or " ")


def _prose(text: str) -> str:
    return _LIVE.sub(r"\\\g<0>", one_line(text, 1_000))
