"""What the harness said about a change, as an entry of the transcript; the matrix has it test by test."""

from collections.abc import Iterator

from agent.protocol.verdict import Verdict
from tui.panes.work.amounts import seconds
from tui.widgets.entry import Entry, Tone

_CLASSES = ("broken", "vanished", "fixed", "still_failing", "flaky", "new", "skipped_now", "not_run")
_MOST = 50
_SHORT = 12


def verdict_entry(verdict: Verdict, took: float = 0.0) -> Entry:
    """Return a verdict with what speaks against the change."""
    lines = list(_against(verdict))
    sign, tone = ("✓", Tone.GOOD) if verdict.harmless else ("✗", Tone.BAD)
    harm = "nothing broken" if verdict.harmless else "harm found"
    return Entry(
        f"verdict, scope {verdict.scope}: {harm}; {counts(verdict)}",
        sign,
        tone,
        note=" · ".join((f"tree {verdict.tree[:10]}", *_took(took or verdict.seconds))),
        body="\n".join(lines),
        folded=len(lines) > _SHORT,
    )


def _took(amount: float) -> tuple[str, ...]:
    return (seconds(amount),) if amount else ()


def counts(verdict: Verdict) -> str:
    """Return how many tests are in each class that has any."""
    named = [(name, len(getattr(verdict, name))) for name in _CLASSES]
    told = [f"{count} {name.replace('_', ' ')}" for name, count in named if count]
    return ", ".join((*told, f"{verdict.passed} passed"))


def _against(verdict: Verdict) -> Iterator[str]:
    said = {one.test: one.message for one in verdict.failures}
    for name in ("broken", "vanished", "weakened", "fixed", "still_failing", "not_run"):
        tests = getattr(verdict, name)
        yield from (
            f"{name.replace('_', ' ')}: {test}  {said.get(test, '')}".rstrip() for test in tests[:_MOST]
        )
        if len(tests) > _MOST:
            yield f"{name.replace('_', ' ')}: {len(tests) - _MOST} more, in the matrix"
    for found in verdict.diagnostics[:_MOST]:
        yield f"{found.tool}: {found.location.path}:{found.location.line}  {found.message}"
    for loosened in verdict.tampering[:_MOST]:
        place = f"{loosened.location.path}:{loosened.location.line}"
        yield f"loosens tests ({loosened.kind}): {place}  {loosened.message}"
    yield from (f"decides how tests run: {path}" for path in verdict.test_control)
    yield from (f"note: {note}" for note in verdict.notes)
