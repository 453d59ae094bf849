"""The first two steps: fix the base, and measure it."""

import time

from agent.protocol.check import Check, CheckKind, Run
from agent.protocol.errors import DeliveryRefused, UsageError
from agent.protocol.event import BaselineMeasured, SnapshotTaken
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.branch import check_new_branch
from agent.repo.store import Store
from agent.tasks.context import Context
from agent.verify.discover import discover_checks
from agent.verify.run_on import run_on
from agent.verify.workbench import Workbench


def take_snapshot(state: TaskState, context: Context) -> SnapshotTaken:
    """Fix the base tree, and for `verify` the changed tree; raises RepositoryError."""
    context.on_progress(Progress(phase="snapshot"))
    spec = _spec(state)
    store = context.store
    if spec.kind is TaskKind.FIX or spec.head is None:
        current = store.snapshot(clean=spec.clean)
        if spec.branch:
            _check_branch(store, spec.branch)
        if spec.kind is TaskKind.FIX:
            return SnapshotTaken(snapshot=current)
        base = store.resolve(spec.base or "HEAD")
        return SnapshotTaken(
            snapshot=current.model_copy(update={"commit": base, "tree": store.tree_of(base), "dirty": False}),
            head_tree=current.tree,
        )
    base = store.resolve(spec.base or "HEAD")
    head = store.resolve(spec.head)
    return SnapshotTaken(
        snapshot=store.snapshot(clean=True).model_copy(
            update={"commit": base, "tree": store.tree_of(base), "dirty": False}
        ),
        head_tree=store.tree_of(head),
    )


def _check_branch(store: Store, branch: str) -> None:
    try:
        check_new_branch(store, branch)
    except DeliveryRefused as refused:
        raise UsageError(refused.message, hint=refused.hint) from None


def measure_base(state: TaskState, context: Context) -> BaselineMeasured:
    """Build the environment and, for `fix`, run the checks on the base; raises EnvironmentFailed."""
    spec = _spec(state)
    assert state.snapshot is not None
    tree, commit = state.snapshot.tree, state.snapshot.commit
    workbench = context.workbench(tree, commit)
    checks = chosen_checks(context, spec, tree)
    runs: tuple[Run, ...] = ()
    if spec.kind is TaskKind.FIX:
        context.on_progress(Progress(phase="reproduce", message="running the check on the base"))
        tests = (check for check in checks if check.kind is not CheckKind.DIAGNOSTICS)
        runs = tuple(_run(context, workbench, tree, check) for check in tests)
    return BaselineMeasured(
        checks=checks,
        environment=workbench.environment.key,
        sandbox=workbench.in_force,
        runs=runs,
    )


def _run(context: Context, workbench: Workbench, tree: str, check: Check) -> Run:
    return run_on(
        workbench,
        tree,
        check,
        select=selection(context.spec),
        seconds=max(1.0, context.deadline - time.monotonic()),
        test_seconds=context.spec.limits.test_seconds,
        cancel=context.cancel,
    )


def selection(spec: TaskSpec) -> tuple[str, ...]:
    """Return what the base run selects: the files of the named tests, so that passing ones give contrast."""
    return tuple(dict.fromkeys(name.partition("::")[0] for name in spec.tests))


def chosen_checks(context: Context, spec: TaskSpec, tree: str) -> tuple[Check, ...]:
    """Return the checks of a task: a command named with `--test`, else the discovered ones."""
    if spec.command:
        argv = ("sh", "-c", spec.command)
        return (Check(name="command", kind=CheckKind.OPAQUE, argv=argv, declared=True),)
    config = {name: check.model_dump() for name, check in context.config(tree).checks.items()}
    checks = discover_checks(context.store, tree, config)
    if not checks:
        raise UsageError(
            "no check was found in this repository",
            hint="name a command with --test, or under [checks] in .ratchet.toml",
        )
    return checks


def _spec(state: TaskState) -> TaskSpec:
    assert state.spec is not None
    return state.spec
