"""Tool of a review: a test that fails on the change and passes on its base proves a finding."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from agent.patches.paths import path_fault
from agent.protocol.check import Check, CheckKind, Run, RunEnd, TestResult, TestStatus
from agent.protocol.errors import Interrupted
from agent.protocol.value import Value
from agent.tools.report import Report, refusal
from agent.tools.run import time_left
from agent.tools.tool import Desk, Outcome
from agent.verify.run_on import run_on

_DETAILS = 3000
_STOPPED = frozenset({TestStatus.CRASHED, TestStatus.TIMEOUT})


class ProveArguments(Value):
    """The test."""

    source: str = Field(
        min_length=1, max_length=100_000, description="a whole pytest file with one or more tests"
    )
    folder: str = Field(
        default="", max_length=1000, description="folder to put it in, e.g. to use its conftest"
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """What a test did on the change and on its base."""

    path: str
    head: Run
    base: Run
    proven: tuple[str, ...]
    """Ids of tests that pass on the base, and on the change fail an assertion, fail in its code or crash."""

    @property
    def evidence(self) -> str:
        """Return in one sentence what the harness saw."""
        if self.proven:
            return f"{self.proven[0]} passes on the base and fails on the change: {self._said()}"
        return f"not proven: on the change {_summed(self.head)}; on the base {_summed(self.base)}"

    def _said(self) -> str:
        test = self.head.by_id()[self.proven[0]]
        return test.message or str(test.status)


class ProveTool:
    """Runs the test in the sandbox, on both trees; the file is in neither afterwards."""

    name = "prove"
    description = (
        "Prove a finding: give a pytest file whose test fails on the reviewed change because of the fault "
        "and passes on its base. It runs on both in the sandbox. One that fails for an import proves nothing."
    )
    arguments = ProveArguments
    parallel = False

    def run(self, desk: Desk, arguments: ProveArguments) -> Outcome:
        """Return both results."""
        folder = arguments.folder.strip().removeprefix("./").rstrip("/")
        if desk.bench is None:
            return refusal(desk, "Nothing can be run in this task.")
        if folder and path_fault(folder):
            return refusal(desk, f"That is no folder of the tree: {path_fault(folder)}.")
        if folder in desk.store.list(desk.tree) or folder in desk.store.list(desk.base):
            return refusal(desk, "That is a file, not a folder.")
        return _told(desk, prove(desk, arguments.source, folder))


def prove(desk: Desk, source: str, folder: str = "") -> Proof:
    """Run a test file on the reviewed tree and on its base; raises Interrupted, IsolationUnavailable."""
    assert desk.bench is not None
    name = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:10]
    path = f"{folder}/test_proof_{name}.py" if folder else f"test_proof_{name}.py"
    head, base = (_run(desk, tree, path, source) for tree in (desk.tree, desk.base))
    return Proof(path, head, base, tuple(_proven(path, head, base)))


def _run(desk: Desk, tree: str, path: str, source: str) -> Run:
    assert desk.bench is not None
    bench = desk.bench
    check = next((one for one in bench.checks if one.kind is CheckKind.PYTEST), None)
    return run_on(
        bench.workbench,
        desk.store.write(tree, {path: source.encode("utf-8", "replace")}),
        check or Check(name="proof", kind=CheckKind.PYTEST),
        select=(path,),
        seconds=time_left(bench),
        test_seconds=bench.limits.test_seconds,
        on_progress=desk.on_progress,
        cancel=desk.cancel,
    )


def _proven(path: str, head: Run, base: Run) -> Iterator[str]:
    if base.end is not RunEnd.COMPLETE or RunEnd.FORGED in (head.end, base.end):
        return
    before = base.by_id()
    for test in head.tests:
        known = before.get(test.id)
        if known is not None and known.status is TestStatus.PASSED and _tells(test, path):
            yield test.id


def _tells(test: TestResult, path: str) -> bool:
    """Say whether a failure speaks of the code under test rather than of the test itself."""
    if test.status in _STOPPED:
        return True
    in_code = bool(test.trace) and test.trace[-1].path != path
    return test.status is TestStatus.FAILED and (test.assertion or in_code)


def _told(desk: Desk, proof: Proof) -> Outcome:
    if desk.cancel.is_set():
        raise Interrupted("cancelled")
    said = "PROVEN" if proof.proven else "NOT PROVEN"
    report = Report(desk).say(f"{said}. What the test did on the change, and on its base:")
    report.show("\n".join(_lines(proof.head)), "change").show("\n".join(_lines(proof.base)), "base")
    return report.outcome()


def _lines(run: Run) -> Iterator[str]:
    yield f"{_summed(run)}"
    for test in run.tests:
        yield f"{test.id}: {test.status} {test.message}"
        if test.status is not TestStatus.PASSED and test.details:
            yield test.details[-_DETAILS:]
    if not run.tests:
        yield run.output_tail[-_DETAILS:]


def _summed(run: Run) -> str:
    counts = ", ".join(f"{test.id.rpartition('::')[2]} {test.status}" for test in run.tests[:5])
    reason = f" ({run.end}: {run.reason})" if run.end is not RunEnd.COMPLETE else ""
    return f"{counts or 'no test ran'}{reason}"
