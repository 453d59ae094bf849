"""The small derived facts of protocol values."""

import pytest
from pydantic import ValidationError

from agent.protocol.check import Run, RunEnd, TestResult, TestStatus
from agent.protocol.forge import Trigger
from agent.protocol.limits import TaskLimits
from agent.protocol.patch import Patch
from agent.protocol.progress import Progress, silent
from agent.protocol.proposal import Effort
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Diagnostic, Location, Scope, Verdict

VERDICT = Verdict(tree="t", scope=Scope.FULL)


def test_the_rate_of_a_planner_that_did_nothing_is_zero() -> None:
    assert Effort().candidates_per_second == 0.0
    assert Effort(candidates=300, seconds=2.0).candidates_per_second == 150.0


def test_a_patch_between_equal_trees_is_empty() -> None:
    assert Patch(base="t", tree="t", diff="", files=()).empty
    assert not Patch(base="t", tree="u", diff="", files=()).empty


def test_results_are_found_by_test_id() -> None:
    result = TestResult(id="test_a", status=TestStatus.PASSED)
    assert Run(check="pytest", end=RunEnd.COMPLETE, tests=(result,)).by_id() == {"test_a": result}


@pytest.mark.parametrize("field", ["broken", "vanished", "not_run", "weakened"])
def test_a_broken_lost_or_unmeasured_test_is_harm(field: str) -> None:
    assert not VERDICT.model_copy(update={field: ("test_a",)}).harmless


def test_a_new_complaint_of_a_compiler_is_harm() -> None:
    complaint = Diagnostic(tool="mypy", location=Location(path="a.py", line=1), message="wrong type")
    assert not VERDICT.model_copy(update={"diagnostics": (complaint,)}).harmless


@pytest.mark.parametrize("field", ["fixed", "still_failing", "flaky", "new", "skipped_now"])
def test_what_was_not_working_before_is_no_harm(field: str) -> None:
    assert VERDICT.model_copy(update={field: ("test_a",)}).harmless


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"memory_mib": 1}, {"pids": 1}, {"cpus": 0}])
def test_limits_that_nothing_could_run_under_are_refused(limits: dict) -> None:
    with pytest.raises(ValidationError):
        TaskLimits(**limits)


def test_progress_may_be_ignored() -> None:
    silent(Progress(phase="search"))


@pytest.mark.parametrize(
    ("known", "origin"),
    [
        ({"happened": "comment", "number": 12}, "acme/shop#12 (comment by ann)"),
        ({"happened": "pull", "number": 12}, "acme/shop#12 (pull request by ann)"),
        ({"happened": "run", "run": 5}, "acme/shop (workflow run 5 failed)"),
    ],
)
def test_a_task_from_a_forge_is_known_by_what_happened_there(known: dict, origin: str) -> None:
    trigger = Trigger(**{"verb": "fix", "repository": "acme/shop", "actor": "ann", **known})
    assert TaskSpec(kind=TaskKind.FIX, repository="/mirror", trigger=trigger).origin == origin
    assert TaskSpec(kind=TaskKind.FIX, repository="/here").origin == "/here"
