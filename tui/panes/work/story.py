"""From the events of a task to the entries of its transcript."""

from collections.abc import Callable, Mapping
from typing import Any

from agent.protocol.check import Run, TestStatus
from agent.protocol.control import (
    ApprovalRequested,
    ApprovalResolved,
    CancelRequested,
    GroupsSplit,
    PauseRequested,
    PriorityChanged,
    ResumeRequested,
    RetryRequested,
    Steered,
)
from agent.protocol.event import (
    BaselineMeasured,
    ChangeReviewed,
    EditsApplied,
    EditsRefused,
    Event,
    LocationsRanked,
    PatchDelivered,
    ProposalMade,
    QuestionAnswered,
    SnapshotTaken,
    TaskFinished,
    TaskSubmitted,
    TriggerAdmitted,
    TurnTaken,
    UnknownEvent,
    VerdictReached,
)
from agent.protocol.task import TaskSpec
from tui.panes.work import people
from tui.panes.work.amounts import seconds, several
from tui.panes.work.endings import answered, delivered, finished, reviewed
from tui.panes.work.forges import admitted
from tui.panes.work.turns import turn_entries
from tui.panes.work.verdicts import verdict_entry
from tui.widgets.entry import Entry, Form, Tone

_GOOD = (TestStatus.PASSED, TestStatus.SKIPPED, TestStatus.XFAILED)
_MOST = 200
_SHORT = 8
"""Lines of a list that is shown without being asked for."""

Told = tuple[Entry, ...]


class Story:
    """Reads the events of one task in order."""

    def __init__(self) -> None:
        self._turns = 0
        self._rounds = 0

    def read(self, event: Event) -> Told:
        """Return what the next event adds to the transcript."""
        body = event.body
        match body:
            case TurnTaken(turn=turn):
                self._turns += 1
                return turn_entries(turn, self._turns)
            case ProposalMade():
                self._rounds += not body.exhausted
                return (_proposed(body, self._rounds),)
            case RetryRequested():
                self._turns = self._rounds = 0
        tell = _TOLD.get(type(body))
        return (tell(body, event.seconds),) if tell else ()


def _submitted(body: TaskSubmitted, _: float) -> Entry:
    spec = body.spec
    wanted = spec.goal or spec.command or "\n".join(spec.tests) or _UNSAID[spec.kind.value]
    first, _newline, rest = wanted.partition("\n")
    long = bool(rest) or len(first) > 60
    who = f"{spec.front_end} · {spec.origin}"
    return Entry(
        f"{spec.kind} {'' if long else first}".rstrip(),
        "▶",
        Tone.VOICE,
        note=" · ".join((who, *_planned(spec))),
        body=wanted if long else "",
    )


_UNSAID = {
    "fix": "whatever fails",
    "verify": "the working tree",
    "do": "",
    "ask": "",
    "review": "the change",
}


def _planned(spec: TaskSpec) -> tuple[str, ...]:
    return (" → ".join(spec.stages or (spec.planner,)),) if spec.kind in ("fix", "do") else ()


def _snapshot(body: SnapshotTaken, _: float) -> Entry:
    taken = body.snapshot
    on = f" on {taken.branch}" if taken.branch else ""
    dirty = ", with what is not committed" if taken.dirty else ""
    tone = Tone.ATTENTION if taken.warnings else Tone.MUTED
    return Entry(f"base {taken.head[:10]}{on}{dirty}", "◇", tone, body="\n".join(taken.warnings))


def _measured(body: BaselineMeasured, took: float) -> Entry:
    tests = [test for run in body.runs for test in run.tests]
    failing = [test for test in tests if test.status not in _GOOD]
    cut = [run for run in body.runs if run.reason]
    figures = f"{len(failing)} of {several(len(tests), 'test')} do not pass"
    lines = [*map(_ended, cut), *(f"✗ {one.status} {one.id}  {one.message}" for one in failing[:_MOST])]
    if len(failing) > _MOST:
        lines.append(f"… and {len(failing) - _MOST} more")
    checks = ", ".join(check.name for check in body.checks)
    ended = f"baseline: {', '.join(map(_ended, body.runs))}" if body.runs else f"ready to run {checks}"
    return Entry(
        f"baseline: {figures}" if tests else ended,
        "◆",
        Tone.ATTENTION if failing or cut else Tone.PLAIN,
        note=f"{body.sandbox.kind} · {seconds(took)}" if took else body.sandbox.kind,
        body="\n".join(lines),
        folded=len(lines) > _SHORT,
    )


def _ended(run: Run) -> str:
    return f"{run.check}: {run.reason or run.end}"


def _ranked(body: LocationsRanked, _: float) -> Entry:
    found = body.suspects
    lines = [
        f"{one.score:4.2f}  {one.path}:{one.line}  {one.symbol}  {one.reason}".rstrip()
        for one in found[:_MOST]
    ]
    first = f", first {found[0].path}:{found[0].line}" if found else ""
    return Entry(
        f"{several(len(found), 'suspect line')}{first}",
        "◎",
        body="\n".join(lines),
        folded=True,
    )


def _proposed(body: ProposalMade, number: int) -> Entry:
    offered = body.proposal
    effort = offered.effort
    tried = (
        f"{effort.candidates} candidates, {effort.candidates_per_second:.0f}/s" if effort.candidates else ""
    )
    note = " · ".join(filter(None, (tried, seconds(effort.seconds) if effort.seconds else "")))
    if body.exhausted:
        return Entry(f"{offered.planner} gave up: {body.exhausted}", "∅", Tone.ATTENTION, note=note)
    return Entry(f"proposal {number} by {offered.planner}", "✎", note=note, body=offered.rationale)


def _applied(body: EditsApplied, _: float) -> Entry:
    added, removed = _changed(body.patch.diff)
    files = body.patch.files
    return Entry(
        f"patch: {several(len(files), 'file')}, +{added} -{removed}",
        "±",
        note=f"tree {body.patch.tree[:10]}",
        body="\n".join(files),
        form=Form.LINES,
        folded=len(files) > _SHORT,
    )


def _changed(diff: str) -> tuple[int, int]:
    lines = diff.splitlines()
    added = sum(one.startswith("+") and not one.startswith("+++ ") for one in lines)
    return added, sum(one.startswith("-") and not one.startswith("--- ") for one in lines)


def _refused(body: EditsRefused, _: float) -> Entry:
    return Entry(
        "the proposal does not fit", "✗", Tone.BAD, body="\n".join(filter(None, (body.reason, body.hint)))
    )


def _split(body: GroupsSplit, _: float) -> Entry:
    count = len(body.children)
    further = f": {several(count, 'further task')}" if count else ""
    return Entry(
        f"the failures have {several(count + 1, 'cause')}{further}",
        "⋯",
        body="\n".join(body.children),
        form=Form.LINES,
    )


def _unknown(body: UnknownEvent, _: float) -> Entry:
    return Entry(f"{body.type}: this version does not know what that is", "·", Tone.MUTED)


_TOLD: Mapping[type, Callable[[Any, float], Entry]] = {
    TaskSubmitted: _submitted,
    TriggerAdmitted: lambda body, _: admitted(body),
    SnapshotTaken: _snapshot,
    BaselineMeasured: _measured,
    LocationsRanked: _ranked,
    EditsApplied: _applied,
    EditsRefused: _refused,
    VerdictReached: lambda body, took: verdict_entry(body.verdict, took),
    PatchDelivered: lambda body, _: delivered(body),
    QuestionAnswered: lambda body, _: answered(body),
    ChangeReviewed: lambda body, _: reviewed(body),
    TaskFinished: lambda body, _: finished(body),
    GroupsSplit: _split,
    UnknownEvent: _unknown,
    Steered: lambda body, _: people.steered(body),
    ApprovalRequested: lambda body, _: people.asked(body.approval),
    ApprovalResolved: lambda body, _: people.settled(body.answer),
    CancelRequested: lambda body, _: people.did("cancelled", body.by),
    PauseRequested: lambda body, _: people.did("paused", body.by),
    ResumeRequested: lambda body, _: people.did("resumed", body.by),
    RetryRequested: lambda body, _: people.did("begun again", body.by),
    PriorityChanged: lambda body, _: people.did(f"moved to priority {body.priority}", body.by),
}
