"""The verdict on a change: base against candidate, nearest tests first, bound to the candidate's tree."""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from agent.protocol.check import Check, CheckKind, Run, RunEnd
from agent.protocol.progress import OnProgress, Progress, silent
from agent.protocol.verdict import Diagnostic, Scope, TestClass, Verdict
from agent.verify.classes import GOOD
from agent.verify.compare import Comparison, compare_runs, verdict_of
from agent.verify.diagnostics import compile_files, diagnose, line_origins, new_diagnostics
from agent.verify.failures import sandbox_errors_mapped
from agent.verify.flaky import settle
from agent.verify.impacted import impacted_tests
from agent.verify.originals import Originals, is_module, originals
from agent.verify.outcomes import Outcomes
from agent.verify.red_green import Brought, brought_by, proofs
from agent.verify.run_on import Bench, Order, run_on
from agent.verify.tamper import tampering
from agent.verify.trees import Trees
from agent.verify.workbench import Workbench

__all__ = ["measure", "run_on"]

_MOST_ORIGINALS = 20
WORTH_A_FIRST_LOOK = 20.0
"""Seconds of a full run above which the impacted tests are run before the rest."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything one measurement works with."""

    workbench: Workbench
    base_workbench: Workbench
    trees: Trees
    checks: tuple[Check, ...]
    scope: Scope
    baseline: tuple[Run, ...]
    target: tuple[str, ...]
    bench: Bench
    brought: Brought
    began: float

    @property
    def tests(self) -> tuple[Check, ...]:
        """Return the checks that run tests."""
        return tuple(check for check in self.checks if check.kind is not CheckKind.DIAGNOSTICS)

    def known(self, check: Check) -> Run | None:
        """Return the run of the base that was handed in, when it holds for red in full."""
        if self.trees.red != self.trees.base or self.base_workbench is not self.workbench:
            return None
        fitting = [run for run in self.baseline if run.check == check.name and not run.selected]
        return fitting[0] if fitting and fitting[0].end is RunEnd.COMPLETE else None


def measure(
    workbench: Workbench,
    trees: Trees,
    checks: Sequence[Check],
    *,
    scope: Scope = Scope.FULL,
    baseline: Sequence[Run] = (),
    target: tuple[str, ...] = (),
    test_seconds: float = 60.0,
    deadline: float,
    base_workbench: Workbench | None = None,
    on_progress: OnProgress = silent,
    cancel: threading.Event | None = None,
) -> Verdict:
    """Measure a change; raises IsolationUnavailable, EnvironmentFailed or Interrupted.

    `target` are tests that must pass: when one does not, the verdict comes early with that scope.
    `baseline` are runs of the base that need not be repeated. The numbers are measured with the
    base's test-control files; only when the change cannot work with them they are the candidate's
    own, and a note says so. A change with `test_control` is never proven by its verdict alone.
    `deadline` is of `time.monotonic()`.
    """
    began = time.monotonic()
    bench = Bench(test_seconds, deadline, on_progress, cancel or threading.Event())
    task = Measurement(
        workbench=workbench,
        base_workbench=base_workbench or workbench,
        trees=trees,
        checks=tuple(checks),
        scope=scope,
        baseline=tuple(baseline),
        target=target,
        bench=bench,
        brought=brought_by(workbench.store, trees),
        began=began,
    )
    verdict = _early(task) or _full(task)
    return verdict.model_copy(
        update={
            "test_control": trees.test_control,
            "seconds": round(time.monotonic() - began, 4),
        }
    )


def _early(task: Measurement) -> Verdict | None:
    """Return the verdict of a first look at few tests when it already decides, else None."""
    if not task.tests or task.scope is Scope.TARGET:
        return None
    check = task.tests[0]
    if task.target:
        task.bench.on_progress(Progress(phase="verify", message="running the target tests"))
        run = task.bench.run(Order(task.workbench, task.trees.gated, check, task.target))
        if not _all_good(run, task.target):
            return _verdict_of_few(task, check, run, task.target, Scope.TARGET)
    known = task.known(check)
    if known is None or known.seconds < WORTH_A_FIRST_LOOK:
        return None
    near = impacted_tests(task.workbench.store, task.trees.gated, task.trees.changed)
    if not near:
        return None
    task.bench.on_progress(Progress(phase="verify", message=f"running {len(near)} impacted test files"))
    run = task.bench.run(Order(task.workbench, task.trees.gated, check, near))
    found = _verdict_of_few(task, check, run, near, Scope.IMPACTED)
    return found if found.broken else None


def _all_good(run: Run, target: tuple[str, ...]) -> bool:
    outcomes = Outcomes(run)
    named = [name for name in target if name in outcomes.tests]
    return bool(named) and all(outcomes.of(test.id) in GOOD for test in run.tests if test.id in named)


def _verdict_of_few(
    task: Measurement, check: Check, run: Run, select: tuple[str, ...], scope: Scope
) -> Verdict:
    """Compare a run of few tests with the same tests before the change."""
    known = task.known(check)
    red = known or task.bench.run(Order(task.base_workbench, task.trees.red, check, select))
    return _verdict(task, (compare_runs(_few(red, run, select), run),), scope)


def _few(red: Run, run: Run, select: tuple[str, ...]) -> Run:
    """Return what one run says of the tests that another one met, or was asked for."""
    mentioned = {test.id for test in run.tests}
    asked = tuple(start for name in select for start in (f"{name}::", f"{name}["))
    wanted = (
        test for test in red.tests if test.id in mentioned or test.id in select or test.id.startswith(asked)
    )
    return red.model_copy(update={"tests": tuple(wanted)})


def _verdict(task: Measurement, found: tuple[Comparison, ...], scope: Scope) -> Verdict:
    """Return what the runs say, and what the text of the change says about its tests."""
    holding = {name.partition("::")[0] for one in found for name in one.classes if "::" in name}
    verdict = verdict_of(found, tree=task.trees.candidate, scope=scope)
    found_in_text = tampering(task.workbench.store, task.trees, holding)
    return verdict.model_copy(update={"tampering": found_in_text})


def _full(task: Measurement) -> Verdict:
    select = task.target if task.scope is Scope.TARGET else ()
    if task.scope is Scope.IMPACTED:
        select = impacted_tests(task.workbench.store, task.trees.gated, task.trees.changed)
    found = tuple(_compare(task, check, select, task.trees.red, task.trees.gated) for check in task.tests)
    notes: tuple[str, ...] = ()
    if task.trees.gated != task.trees.candidate and any(comparison.harmful for comparison in found):
        found, notes = _as_it_is(task, select, found)
    verdict = _verdict(task, found, task.scope)
    as_they_were = _originals(task, verdict) if not select else Originals()
    return verdict.model_copy(
        update={
            "diagnostics": _diagnostics(task),
            "weakened": as_they_were.failing,
            "failures": (*verdict.failures, *as_they_were.failures[:_MOST_ORIGINALS]),
            "not_run": (*verdict.not_run, *as_they_were.not_run),
            "notes": (*verdict.notes, *notes, *as_they_were.notes, *_opaque(task, found)),
        }
    )


def _originals(task: Measurement, verdict: Verdict) -> Originals:
    spent = time.monotonic() - task.began
    return originals(task.bench, task.workbench, task.trees, task.tests, verdict, spent)


def _as_it_is(
    task: Measurement, select: tuple[str, ...], gated: tuple[Comparison, ...]
) -> tuple[tuple[Comparison, ...], tuple[str, ...]]:
    """Measure with the candidate's own test-control files, since it does not work with base's."""
    trees = task.trees
    found = tuple(_compare(task, check, select, trees.red_as_is, trees.candidate) for check in task.tests)
    names = [
        name for one in gated for kind in (TestClass.BROKEN, TestClass.VANISHED) for name in one.of(kind)
    ]
    note = (
        f"with the base's test settings {len(names)} tests break or vanish"
        f"{': ' + ', '.join(names[:3]) if names else ''}; the numbers rest on the change's own settings"
    )
    return found, (note,)


def _compare(task: Measurement, check: Check, select: tuple[str, ...], before: str, after: str) -> Comparison:
    bench = task.bench
    bench.on_progress(Progress(phase="verify", message=f"{check.name}: before and after the change"))
    red = Order(task.base_workbench, before, check, select)
    candidate = Order(task.workbench, after, check, select)
    known = task.known(check) if before == task.trees.base else None
    if known is not None:
        run = bench.run(candidate)
        runs = (_few(known, run, select) if select else known, run)
    elif before == after and task.base_workbench is task.workbench:
        only = bench.run(candidate)
        runs = (only, only)
    else:
        first, second = bench.run_all((red, candidate))
        runs = (first, second)
    found = compare_runs(*runs, base=_own_tests_of_base(task, check, select, runs[0]))
    settled = settle(bench, found, red, candidate, runs)
    return replace(settled, proofs=proofs(*runs, task.brought, settled.of(TestClass.FLAKY)))


def _own_tests_of_base(task: Measurement, check: Check, select: tuple[str, ...], red: Run) -> Run | None:
    """Run on the base what its own version of the changed tests says; None when red says it all."""
    trees = task.trees
    if trees.red == trees.base:
        return None
    handed_in = [run for run in task.baseline if run.check == check.name and not run.selected]
    if handed_in and handed_in[0].end is RunEnd.COMPLETE:
        return handed_in[0]
    files = trees.changed_tests
    if not files:
        return None
    modules = all(is_module(path) for path in files)
    there = tuple(path for path in files if path in task.workbench.store.list(trees.base))
    if modules and not there:
        # Every changed test file is new: the base knows none of them.
        return red.model_copy(update={"tests": (), "selected": files, "end": RunEnd.COMPLETE})
    chosen = select or (there if modules else ())
    run = task.bench.run(Order(task.base_workbench, trees.base, check, chosen))
    return run.model_copy(update={"selected": files}) if modules and not select else run


def _opaque(task: Measurement, found: tuple[Comparison, ...]) -> tuple[str, ...]:
    notes = []
    for check, comparison in zip(task.tests, found, strict=True):
        if set(comparison.classes) == {f"<{check.name}>"}:
            notes.append(f"{check.name} is opaque: its exit status is its only result")
    return tuple(notes)


def _diagnostics(task: Measurement) -> tuple[Diagnostic, ...]:
    """Return the complaints of compilers and configured tools that the base did not have."""
    trees = task.trees
    origins = line_origins(task.workbench.store, trees.base, trees.candidate)
    after = _complaints(task, task.workbench, trees.candidate)
    if not after:
        return ()
    before = _complaints(task, task.base_workbench, trees.base)
    return new_diagnostics(before, after, origins)


def _complaints(task: Measurement, workbench: Workbench, tree: str) -> tuple[Diagnostic, ...]:
    tools = [check for check in task.checks if check.kind is CheckKind.DIAGNOSTICS]
    python = [path for path in task.trees.changed if path.endswith(".py")]
    if not tools and not python:
        return ()
    task.bench.stop_when_cancelled()
    with sandbox_errors_mapped(), closing(workbench.open(tree)) as sandbox:
        found = compile_files(sandbox, workbench.python, python, max(1.0, task.bench.left))
        for check in tools:
            found += diagnose(sandbox, check, max(1.0, task.bench.left))
    return found
