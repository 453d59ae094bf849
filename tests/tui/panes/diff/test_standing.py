"""What is said of the hunks that are kept is what the harness has measured, and nothing more."""

from pathlib import Path

import pytest
from textual.app import App

from agent.protocol.event import PatchDelivered, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Scope
from tests.lsp.history import Told as Events
from tests.lsp.history import finished, patched, snapshot, spec, state, verdict
from tests.tui.panes.diff.diffs import PLACES
from tui.desk import Told
from tui.feed.recording import RecordedFeed
from tui.feed.task_log import TaskLog
from tui.panes.diff.choice import Choice
from tui.panes.diff.sequel import Sequel, Wish, is_proven, spec_of, subject
from tui.panes.diff.sequels import Sequels
from tui.panes.diff.standing import Begun, Mood, delivery, emptiness, standing

_WHOLE = Choice.of(PLACES)
_LESS = _WHOLE.toggled(_WHOLE.parts[0])
_PROVEN = [snapshot(), *patched(PLACES, "stack.py"), verdict(fixed=("t::a",), passed=4), finished()]


def fix(*told: tuple[str, object]) -> TaskState:
    return state("t1", spec(TaskKind.FIX), *told)  # type: ignore[arg-type]


def judged(*told: tuple[str, object], wish: Wish = Wish.VERIFY) -> Begun:
    sequel = Sequel("t2", wish, _LESS.patch)
    return Begun(sequel, state("t2", spec(TaskKind.VERIFY, patch=_LESS.patch), *told))  # type: ignore[arg-type]


def ended(outcome: Outcome, reason: str, hint: str = "") -> tuple[str, TaskFinished]:
    return "finish", TaskFinished(outcome=outcome, reason=reason, hint=hint)


def test_a_proof_holds_for_all_of_the_patch_and_for_no_part_of_it() -> None:
    proven = fix(*_PROVEN)
    assert standing(proven, _WHOLE, None).words == f"proven: tree {'d' * 12}, 1 fixed, 4 passed"
    less = standing(proven, _LESS, None)
    assert (less.mood, less.words.split(":")[0]) == (Mood.OPEN, "unverified")
    assert standing(proven, _LESS.toggled(_WHOLE.parts[1]), None).words.startswith("everything is dropped")


@pytest.mark.parametrize(
    ("told", "mood", "words"),
    [
        ([snapshot()], Mood.BUSY, "measuring the 1 kept of 2 hunks in task t2"),
        ([snapshot(), verdict(passed=5), finished()], Mood.GOOD, "proven by task t2"),
        ([verdict(still_failing=("t::a",)), finished()], Mood.OPEN, "the test that the task had fixed"),
        ([verdict(passed=5, scope=Scope.IMPACTED), finished()], Mood.BAD, "verified: proven (task t2)"),
        ([ended(Outcome.BROKEN, "one test broken")], Mood.BAD, "broken: one test broken (task t2)"),
    ],
)
def test_what_a_task_says_of_the_kept_hunks_is_said(told: Events, mood: Mood, words: str) -> None:
    said = standing(fix(*_PROVEN), _LESS, judged(*told))
    assert said.mood is mood
    assert words in said.words


def test_a_task_that_is_not_done_or_not_proven_is_told_as_such() -> None:
    open_ = standing(fix(*_PROVEN[:-2]), _WHOLE, None)
    assert (open_.mood, open_.words) == (Mood.BUSY, "not measured yet: the task is at work")
    failed = standing(fix(*_PROVEN[:-1], ended(Outcome.UNVERIFIED, "flaky")), _WHOLE, None)
    assert (failed.mood, failed.words) == (Mood.BAD, "not proven (unverified): flaky")


def test_where_it_was_brought_is_told_with_how_to_take_it_back() -> None:
    proven = fix(*_PROVEN)
    assert delivery(proven, _WHOLE, None) is None
    done = PatchDelivered(branch=None, commit="e" * 40, applied=True)
    told = delivery(proven, _LESS, judged(("deliver", done), finished(), wish=Wish.APPLY))
    assert told is not None and told.words == "applied to the working tree: `ratchet undo` takes it back"
    moved = PatchDelivered(branch="b", commit="e" * 40, refused="it moved", hint="commit first")
    told = delivery(proven, _LESS, judged(("deliver", moved), finished(), wish=Wish.APPLY))
    assert told is not None and told.words == "on branch b; not applied: it moved; commit first"
    waiting = delivery(proven, _LESS, judged(wish=Wish.COMMIT))
    assert waiting is not None and waiting.words == "task t2 will commit it as soon as it is proven"
    nowhere = delivery(proven, _LESS, judged(ended(Outcome.BROKEN, "no"), wish=Wish.COMMIT))
    assert nowhere is not None and nowhere.mood is Mood.BAD


def test_an_empty_pane_says_why_and_what_to_do() -> None:
    assert "a question" in emptiness(state("t", spec(TaskKind.ASK)))[0]
    why, hint = emptiness(state("t", spec(TaskKind.VERIFY, base="main", head="topic")))
    assert "main..topic" in why and hint == "`git diff main topic` shows it"
    assert emptiness(fix(ended(Outcome.NO_PATCH, "nothing found", "try a model"))) == (
        "no change was made: nothing found",
        "try a model",
    )


def test_a_task_that_proved_a_patch_stands_for_it_whatever_was_begun_later() -> None:
    sequels = Sequels(RecordedFeed((), Told(App())))
    for task_id, wish in (("t2", Wish.VERIFY), ("t3", Wish.APPLY)):
        sequels.add(Sequel(task_id, wish, "p"))
    assert sequels.is_busy("p") and not sequels.is_busy("other")
    assert sequels.take_live("t3", Progress(phase="verify", message="7 of 9"))
    assert not sequels.take_live("t3", Progress(phase="verify", message="7 of 9"))
    log = TaskLog("t2")
    log.state = state("t2", spec(TaskKind.VERIFY), *_PROVEN)
    assert sequels.take(log) and not sequels.take(TaskLog("t9"))
    assert sequels.proof("p") == "t2" and sequels.proof("other") is None
    measuring, bringing = sequels.measuring("p"), sequels.bringing("p")
    assert measuring is not None and measuring.sequel.task_id == "t2"
    assert bringing is not None and bringing.message == "verify 7 of 9"
    sequels.close()
    assert [one.task_id for one in sequels.all()] == ["t2", "t3"]


def test_a_patch_is_put_on_what_its_task_began_with_and_measured_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATCHET_CONFIG", "/nonexistent")
    about = state("t1", spec(TaskKind.FIX, str(tmp_path), tests=("t::a",), sandbox="docker"), *_PROVEN)
    made = spec_of(about, Wish.APPLY, "p", proven_by="t1")
    assert (made.kind, made.base, made.head, made.patch) == (TaskKind.VERIFY, "b" * 40, "b" * 40, "p")
    assert (made.apply, made.branch, made.proven_by, made.tests) == (True, None, "t1", ())
    assert (made.sandbox, made.attended, made.front_end) == ("docker", True, "tui")


def test_a_task_is_about_the_patch_that_it_was_given_or_made() -> None:
    assert subject(fix(*_PROVEN)) == PLACES and is_proven(fix(*_PROVEN))
    assert subject(state("t", spec(TaskKind.VERIFY, patch="given"))) == "given"
    assert subject(fix(snapshot())) is None
