"""What follows from an admission, and how tasks from a forge end; nothing is performed."""

from typing import Any

import pytest

from agent.protocol.check import Run, RunEnd
from agent.protocol.control import RetryRequested
from agent.protocol.event import Event, PatchDelivered, TriggerAdmitted
from agent.protocol.forge import Admission, Permission, RunEvidence
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, advance
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.finish_step import finish
from agent.tasks.judgement import targets
from agent.tasks.next_step import StepKind, next_step
from tests.tasks.admission.facts import trigger
from tests.tasks.test_next_step import FAILED, PATCH, searched, state, verdict

SPEC = TaskSpec(kind=TaskKind.FIX, repository="github:acme/shop", trigger=trigger("fix"))
YES = Admission(permission=Permission.WRITE)
NO = Admission(permission=Permission.READ, refused="This takes somebody who may write.", tell=True)
EVIDENCE = RunEvidence(
    workflow="ci.yml", job="test", step="Test", command="pytest", failing=(FAILED.id,), excerpt="1 failed"
)
OTHER = FAILED.model_copy(update={"id": "tests/test_b.py::test_y", "trace": ()})


def kind_of(known: TaskState) -> StepKind | None:
    step = next_step(known)
    return None if step is None else step.kind


def of_run(*failing: Any, **known: Any) -> TaskState:
    """Return a task about a workflow run on whose base these tests fail."""
    runs = (Run(check="command", end=RunEnd.COMPLETE, tests=failing, exit_code=1 if failing else 0),)
    spec = TaskSpec(kind=TaskKind.FIX, repository="/mirror", trigger=trigger("failed"), command="pytest")
    admission = YES.model_copy(update={"evidence": known.pop("evidence", EVIDENCE)})
    return state(**{"spec": spec, "admission": admission, "baseline": runs, **known})


def test_a_task_from_a_forge_is_admitted_before_all_else() -> None:
    assert kind_of(TaskState(spec=SPEC)) is StepKind.ADMIT
    assert kind_of(TaskState(spec=SPEC, admission=YES)) is StepKind.SNAPSHOT
    assert kind_of(TaskState(spec=SPEC, admission=NO)) is StepKind.FINISH
    assert kind_of(TaskState(spec=SPEC, cancelled=True)) is StepKind.FINISH
    # Also one that could not be done in the end: a stranger learns nothing about our settings.
    asked = SPEC.model_copy(update={"kind": TaskKind.DO, "trigger": trigger("do")})
    assert kind_of(TaskState(spec=asked)) is StepKind.ADMIT


@pytest.mark.parametrize("event", ["help", "stop", "unknown"])
def test_what_needs_no_work_ends_once_it_was_admitted(event: str) -> None:
    spec = SPEC.model_copy(update={"kind": TaskKind.REPLY, "trigger": trigger(event)})
    assert kind_of(TaskState(spec=spec)) is StepKind.ADMIT
    assert kind_of(TaskState(spec=spec, admission=YES)) is StepKind.FINISH
    if event != "stop":
        assert finish(TaskState(spec=spec, admission=YES), None).outcome is Outcome.DONE
    assert finish(TaskState(spec=spec, admission=NO), None).outcome is Outcome.DENIED


def test_a_reply_without_a_trigger_is_a_wrong_request() -> None:
    known = TaskState(spec=TaskSpec(kind=TaskKind.REPLY, repository="/r"))
    assert kind_of(known) is StepKind.FINISH
    assert finish(known, None).outcome is Outcome.USAGE


def test_a_refusal_is_the_end_and_its_reason() -> None:
    ended = finish(TaskState(spec=SPEC, admission=NO), None)
    assert (ended.outcome, ended.reason) == (Outcome.DENIED, NO.refused)


def test_a_retry_is_admitted_again() -> None:
    admitted = TaskState(task_id="t1", spec=SPEC, admission=YES)
    event = Event(seq=9, task_id="t1", step_key="retry:9", recorded_at=1, body=RetryRequested(by="cli:ann"))
    assert kind_of(advance(admitted, event)) is StepKind.ADMIT


def test_the_derived_spec_takes_the_place_of_the_request() -> None:
    derived = SPEC.model_copy(update={"repository": "/mirror", "base": "a" * 40})
    body = TriggerAdmitted(admission=YES, spec=derived)
    event = Event(seq=2, task_id="t1", step_key="admit", recorded_at=1, body=body)
    known = advance(TaskState(task_id="t1", spec=SPEC), event)
    assert (known.spec, known.admission) == (derived, YES)


def test_a_run_whose_failure_is_seen_here_is_fixed_and_nothing_beside_it() -> None:
    known = of_run(OTHER, FAILED)
    assert kind_of(known) is StepKind.LOCALIZE
    assert [test.id for test in targets(known)] == [FAILED.id]


@pytest.mark.parametrize("failing", [(), (OTHER,)])
def test_a_run_whose_failure_is_not_seen_here_is_environment_or_flake(failing: tuple[Any, ...]) -> None:
    passed = FAILED.model_copy(update={"status": "passed"})
    known = of_run(*failing, passed)
    assert kind_of(known) is StepKind.FINISH
    ended = finish(known, None)
    assert ended.outcome is Outcome.NOT_REPRODUCED
    assert ended.reason.startswith("environment or flake: ") and FAILED.id in ended.reason
    assert ended.log == EVIDENCE.excerpt


def test_a_run_whose_log_names_no_test_is_known_by_what_it_says() -> None:
    evidence = EVIDENCE.model_copy(update={"failing": (), "message": "Interpreter is on fire here"})
    known = of_run(FAILED, evidence=evidence)
    assert kind_of(known) is StepKind.FINISH
    assert known.baseline is not None
    same = known.baseline[0].model_copy(update={"output_tail": "x\nInterpreter is on fire here\n"})
    assert kind_of(known.model_copy(update={"baseline": (same,)})) is StepKind.LOCALIZE


def test_a_fix_for_a_pull_request_that_has_moved_says_for_which_commit_it_is() -> None:
    proven = {"patch": PATCH, "verdict": verdict(fixed=(FAILED.id,))}
    delivered = PatchDelivered(branch="ratchet/t1", commit="d" * 40, moved_to="e" * 40)
    ended = finish(searched(**proven, delivered=delivered), None)
    assert ended.outcome is Outcome.VERIFIED
    assert ended.reason.endswith("; it is for aaaaaaaaaaaa, and the pull request has moved to eeeeeeeeeeee")
