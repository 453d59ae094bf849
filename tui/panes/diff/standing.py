"""How it stands with the hunks that are kept, in a line; and what became of them, in another."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from agent.protocol.report import shown
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Verdict
from tui.panes.diff.choice import Choice
from tui.panes.diff.sequel import Sequel, Wish, is_proven

_SHORT = 12
_UNDO = "`ratchet undo` takes it back"


class Mood(Enum):
    """Which sign and colour a line has."""

    GOOD = auto()
    BAD = auto()
    OPEN = auto()
    """Something is to be done about it."""
    BUSY = auto()


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of what is known; it may hold what others wrote."""

    mood: Mood
    words: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A task that was begun for the hunks that are kept, as far as it is."""

    sequel: Sequel
    state: TaskState | None = None
    """None before its first event was read."""
    message: str = ""
    """What it told last while it ran."""


def standing(state: TaskState, choice: Choice, begun: Begun | None) -> Standing:
    """Return how it stands with what is kept; `begun` is what measures or measured just that."""
    if choice.empty:
        return Standing(Mood.OPEN, "everything is dropped: nothing is left to verify or to apply")
    if choice.whole and is_proven(state):
        return Standing(Mood.GOOD, f"proven: {_measured(state)}")
    if begun is not None:
        return _begun(begun, state, choice)
    if not choice.whole:
        return Standing(Mood.OPEN, f"unverified: {_dropped(choice)}, and nothing has measured what is left")
    if state.finished is None:
        words = "measured, and not decided yet" if shown(state)[1] else "not measured yet"
        return Standing(Mood.BUSY, f"{words}: the task is at work")
    return Standing(Mood.BAD, f"not proven ({state.finished.outcome}): {state.finished.reason}")


def delivery(state: TaskState, choice: Choice, begun: Begun | None) -> Standing | None:
    """Return where what is kept was brought; `begun` is what brings or brought it. None when nowhere."""
    if begun is not None and begun.sequel.wish is not Wish.VERIFY:
        return _delivery(begun.state) or _undelivered(begun)
    return _delivery(state) if choice.whole else None


def _begun(begun: Begun, about: TaskState, choice: Choice) -> Standing:
    state, task_id = begun.state, begun.sequel.task_id
    if state is None or state.finished is None:
        what = f"measuring {_kept(choice)}"
        if state is not None and state.open_approvals:
            return Standing(Mood.OPEN, f"{what}: task {task_id} waits for an answer")
        return Standing(
            Mood.BUSY, f"{what} in task {task_id}" + (f": {begun.message}" if begun.message else "")
        )
    if is_proven(state):
        lost = _lost(about, state)
        if lost:
            return Standing(Mood.OPEN, f"nothing broken, but {lost}: {_measured(state)}")
        return Standing(Mood.GOOD, f"proven by task {task_id}: {_measured(state)}")
    return Standing(Mood.BAD, f"{state.finished.outcome}: {state.finished.reason} (task {task_id})")


def _lost(about: TaskState, judged: TaskState) -> str:
    """Say that what was dropped had fixed something: what harms nothing need not help any more."""
    before, now = shown(about)[1], judged.verdict
    again = set(before.fixed) & set(now.still_failing) if before is not None and now is not None else set()
    if not again:
        return ""
    tests = "the test" if len(again) == 1 else f"{len(again)} of the tests"
    return (
        f"{tests} that the task had fixed still fail{'s' if len(again) == 1 else ''} without what is dropped"
    )


def _measured(state: TaskState) -> str:
    verdict = shown(state)[1]
    assert verdict is not None
    return ", ".join((f"tree {verdict.tree[:_SHORT]}", *_counts(verdict)))


def _counts(verdict: Verdict) -> Iterator[str]:
    yield from (f"{len(verdict.fixed)} fixed",) if verdict.fixed else ()
    yield f"{verdict.passed + len(verdict.new)} passed"
    yield from (f"{len(verdict.still_failing)} failing as before",) if verdict.still_failing else ()


def _delivery(state: TaskState | None) -> Standing | None:
    if state is None or (done := state.delivered) is None:
        return None
    places = [f"on branch {done.branch}"] if done.branch else []
    places += [f"applied to the working tree: {_UNDO}"] if done.applied else []
    if done.refused:
        said = "; ".join((*places, f"not applied: {done.refused}", *([done.hint] if done.hint else [])))
        return Standing(Mood.OPEN, said)
    return Standing(Mood.GOOD, "; ".join(places)) if places else None


def _undelivered(begun: Begun) -> Standing | None:
    if begun.state is None or begun.state.finished is None:
        verb = "apply" if begun.sequel.wish is Wish.APPLY else "commit"
        return Standing(Mood.BUSY, f"task {begun.sequel.task_id} will {verb} it as soon as it is proven")
    hint = begun.state.finished.hint
    return Standing(Mood.BAD, "it was brought nowhere" + (f": {hint}" if hint else ""))


def _kept(choice: Choice) -> str:
    kept = len(choice.parts) - len(choice.dropped)
    return f"the {kept} kept of {len(choice.parts)} hunks" if choice.dropped else "the patch"


def _dropped(choice: Choice) -> str:
    count, of = len(choice.dropped), len(choice.parts)
    return f"{count} of {of} hunks {'is' if count == 1 else 'are'} dropped"


def emptiness(state: TaskState) -> tuple[str, str]:
    """Return why there is no diff to be seen, and what to do about it."""
    spec = state.spec
    if spec is None:
        return "the task is being read", ""
    if spec.kind is TaskKind.ASK:
        return "a question changes nothing", "the answer is in Work"
    if spec.kind in (TaskKind.VERIFY, TaskKind.REVIEW):
        change = f"{spec.base or 'HEAD'}..{spec.head or 'the working tree'}"
        return (
            f"this task judges {change}, and makes no change of its own",
            f"`git diff {_shell(spec.base, spec.head)}` shows it",
        )
    if state.finished is not None:
        return f"no change was made: {state.finished.reason}", state.finished.hint
    if state.children:
        return "the failures were divided among further tasks", "they are in the list of tasks"
    return "no change yet: it is shown here as soon as there is one", ""


def _shell(base: str | None, head: str | None) -> str:
    return " ".join((base or "HEAD", *([head] if head else [])))
