"""Every view of a task is a pure fold of its events."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.protocol.event import (
    EditsApplied,
    EditsRefused,
    Event,
    ProposalMade,
    UnknownEvent,
    VerdictReached,
    parse_event,
)
from agent.protocol.outcome import Outcome
from agent.protocol.report import report
from agent.protocol.state import TaskState, advance, fold

LOGS = Path(__file__).parent.parent / "data" / "logs"


def _read(version: str) -> list[Event]:
    lines = (LOGS / version / "every-event.jsonl").read_text(encoding="utf-8").splitlines()
    return [parse_event(json.loads(line)) for line in lines]


EVENTS = _read("v1")
WITH_PEOPLE = _read("v2")


def _until(kind: type) -> TaskState:
    last = next(i for i, event in enumerate(EVENTS) if isinstance(event.body, kind))
    return fold(EVENTS[: last + 1])


def _next(state: TaskState, body: object) -> TaskState:
    event = Event(seq=state.seq + 1, task_id="t1", step_key="next", recorded_at=0, body=body)
    return advance(state, event)


def _first(kind: type) -> Any:
    return next(event.body for event in EVENTS if isinstance(event.body, kind))


def test_folding_in_two_goes_gives_the_state_of_one_go() -> None:
    for cut in range(len(EVENTS)):
        state = fold(EVENTS[:cut])
        for event in EVENTS[cut:]:
            state = advance(state, event)
        assert state == fold(EVENTS)


def test_a_state_survives_its_json_form() -> None:
    state = fold(EVENTS)
    assert TaskState.model_validate_json(state.model_dump_json()) == state


def test_an_unknown_event_only_moves_the_sequence_on() -> None:
    before = fold(EVENTS)
    after = _next(before, UnknownEvent(type="ReceiptSigned", data={}))
    assert after == before.model_copy(update={"seq": before.seq + 1})


def test_a_new_patch_makes_the_old_verdict_void() -> None:
    judged = _until(VerdictReached)
    assert judged.verdict is not None
    assert _next(judged, _first(EditsApplied)).verdict is None


def test_a_new_proposal_makes_the_old_verdict_and_refusal_void() -> None:
    proposal = _first(ProposalMade)
    refused = _next(_until(VerdictReached), EditsRefused(reason="it moved"))
    assert refused.refusal == "it moved"
    again = _next(refused, proposal)
    assert (again.patch, again.verdict, again.refusal) == (None, None, "")


def test_giving_up_keeps_the_patch_and_the_verdict_so_far() -> None:
    judged = _until(VerdictReached)
    gave_up = _first(ProposalMade).model_copy(update={"exhausted": "nothing left", "timed_out": True})
    after = _next(judged, gave_up)
    assert (after.patch, after.verdict) == (judged.patch, judged.verdict)
    assert (after.exhausted, after.timed_out) == ("nothing left", True)


def test_effort_adds_up_over_proposals() -> None:
    made = _first(ProposalMade)
    state = _next(_until(ProposalMade), made)
    assert state.proposals == 2
    assert state.effort.candidates == 2 * made.proposal.effort.candidates


def test_the_report_of_an_unfinished_task_is_refused() -> None:
    with pytest.raises(ValueError, match="not finished"):
        report(_until(VerdictReached))


def test_the_report_has_the_fields_of_the_command_line_contract() -> None:
    printed = json.loads(report(fold(EVENTS)).model_dump_json())
    contract = {"task_id", "outcome", "base_commit", "tree", "branch", "patch", "files", "verdict", "planner"}
    contract |= {"candidates", "candidates_per_second", "seconds", "model_calls", "tokens", "cost_usd"}
    contract |= {"sandbox", "reason"}
    classes = {"fixed", "broken", "still_failing", "flaky", "new", "vanished", "skipped_now", "not_run"}
    assert contract <= printed.keys()
    assert classes | {"scope", "passed"} <= printed["verdict"].keys()
    assert printed["outcome"] == Outcome.VERIFIED


def test_what_people_asked_for_is_part_of_the_state() -> None:
    before_retry = fold(event for event in WITH_PEOPLE if event.seq < 20)
    assert (before_retry.priority, before_retry.children) == (10, ("t1-2", "t1-3"))
    assert [answer.by for answer in before_retry.answers] == ["tui:ann", "bot:bob"]
    assert not before_retry.open_approvals and not before_retry.paused
    assert before_retry.seconds == pytest.approx(24.2)
    assert before_retry.step_key("finish") == "finish"


def test_a_task_is_paused_between_pause_and_resume_and_waits_between_question_and_answer() -> None:
    states = [fold(WITH_PEOPLE[:count]) for count in range(len(WITH_PEOPLE) + 1)]
    assert [state.seq for state in states if state.paused] == [11]
    assert [state.seq for state in states if state.open_approvals] == [3, 16]


def test_a_retry_begins_again_with_the_same_spec_under_new_keys() -> None:
    state = fold(WITH_PEOPLE)
    assert (state.attempt, state.step_key("propose:1")) == (2, "2/propose:1")
    assert state.spec == fold(WITH_PEOPLE[:1]).spec
    assert (state.seconds, state.baseline, state.approvals, state.children) == (0.5, None, (), None)
    assert state.cancelled and state.finished is not None
    assert state.finished.outcome is Outcome.INTERRUPTED


def test_a_verdict_is_dated_by_its_event() -> None:
    judged = fold(WITH_PEOPLE[:15])
    assert judged.judged_at == WITH_PEOPLE[14].recorded_at


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_log_of_any_version_still_folds(version: str) -> None:
    state = fold(_read(version))
    assert state.finished is not None
    assert report(state).task_id == "t1"


def test_the_tree_of_a_report_is_the_one_that_was_judged() -> None:
    taken = _until(VerdictReached).model_copy(
        update={"patch": None, "rounds": (), "head_tree": "d" * 40, "finished": fold(EVENTS).finished}
    )
    assert report(taken).tree == "d" * 40
    assert report(taken.model_copy(update={"head_tree": None})).tree == taken.snapshot.tree  # type: ignore[union-attr]
