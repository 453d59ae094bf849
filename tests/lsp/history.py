"""Tasks as tests need them: what was recorded, and the state that follows."""

import itertools
from collections.abc import Sequence
from typing import Any

from agent.protocol.check import Check, Location, Run, RunEnd, TestResult, TestStatus
from agent.protocol.event import (
    BaselineMeasured,
    Body,
    ChangeReviewed,
    EditsApplied,
    Event,
    LocationsRanked,
    PatchDelivered,
    ProposalMade,
    SandboxInForce,
    SnapshotTaken,
    TaskFinished,
    TaskSubmitted,
    VerdictReached,
)
from agent.protocol.outcome import Outcome
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.proposal import Effort, Proposal, Suspect
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Failure, Scope, Verdict

Told = list[tuple[str, Body]]
ROOT = "/home/ann/stack"


def at(path: str, line: int) -> Location:
    return Location(path=path, line=line)


def result(name: str, status: TestStatus = TestStatus.PASSED, *trace: Location) -> TestResult:
    said = "AssertionError: assert 1 == 2" if trace else ""
    return TestResult(id=name, status=status, message=said, trace=trace)


def failed(name: str, *trace: Location) -> TestResult:
    return result(name, TestStatus.FAILED, *trace)


def passed(name: str) -> TestResult:
    return result(name)


def snapshot() -> tuple[str, Body]:
    taken = Snapshot(head="a" * 40, commit="b" * 40, tree="c" * 40)
    return "snapshot", SnapshotTaken(snapshot=taken, head_tree="d" * 40)


def measured(*tests: TestResult) -> tuple[str, Body]:
    run = Run(check="pytest", end=RunEnd.COMPLETE, tests=tests)
    force = SandboxInForce(kind="bubblewrap", image="")
    check = Check(name="pytest", kind="pytest")
    return "reproduce", BaselineMeasured(checks=(check,), environment="k", sandbox=force, runs=(run,))


def ranked(*suspects: Suspect) -> tuple[str, Body]:
    return "localize", LocationsRanked(suspects=suspects)


def verdict(*, seq: int = 1, failures: Sequence[Failure] = (), **classes: Any) -> tuple[str, Body]:
    known = {"tree": "d" * 40, "scope": Scope.FULL, **classes}
    return f"verify:{seq}", VerdictReached(verdict=Verdict(**known, failures=tuple(failures)))


def patched(diff: str, *files: str, cost: float = 0.0) -> Told:
    effort = Effort(cost_usd=cost, model_calls=1 if cost else 0)
    offered = Proposal(planner="search", edits=(), rationale="", effort=effort)
    patch = Patch(base="c" * 40, tree="d" * 40, diff=diff, files=files)
    return [("propose:1", ProposalMade(proposal=offered)), ("apply:1", EditsApplied(patch=patch))]


def delivered() -> tuple[str, Body]:
    return "deliver", PatchDelivered(branch="ratchet/t", commit="e" * 40)


def reviewed(*findings: Any) -> tuple[str, Body]:
    return "review", ChangeReviewed(findings=findings, summary="")


def finished(outcome: Outcome = Outcome.VERIFIED) -> tuple[str, Body]:
    return "finish", TaskFinished(outcome=outcome, reason="proven")


def spec(kind: TaskKind, repository: str = ROOT, **more: Any) -> TaskSpec:
    return TaskSpec(kind=kind, repository=repository, **more)


def state(task_id: str, of: TaskSpec, *told: tuple[str, Body]) -> TaskState:
    bodies = [("submit", TaskSubmitted(spec=of)), *told]
    numbers = itertools.count(1)
    return fold(
        Event(seq=next(numbers), task_id=task_id, step_key=key, recorded_at=0, body=body)
        for key, body in bodies
    )
