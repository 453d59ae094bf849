"""The step that measures the base: what the check says before anything is changed."""

import time

from agent.config import Config
from agent.protocol.check import Check, CheckKind, Run
from agent.protocol.errors import UsageError
from agent.protocol.event import BaselineMeasured
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.store import Store
from agent.tasks.context import Context
from agent.tasks.given_patch import proof
from agent.verify.discover import discover_checks
from agent.verify.run_on import run_on
from agent.verify.workbench import Workbench


def measure_base(state: TaskState, context: Context) -> BaselineMeasured:
    """Build the environment and, for `fix` and `do`, run the checks on the base; raises EnvironmentFailed."""
    spec = context.spec
    assert state.snapshot is not None
    known = proof(state, context)
    if known is not None:
        return known.baseline
    tree, commit = state.snapshot.tree, state.snapshot.commit
    checks = chosen_checks(context.store, spec, tree, context.config(tree))
    if not checks:
        raise UsageError(
            "no check was found in this repository",
            hint="name a command with --test, or under [checks] in .ratchet.toml",
        )
    workbench = context.workbench(tree, commit)
    runs: tuple[Run, ...] = ()
    if spec.kind in (TaskKind.FIX, TaskKind.DO):
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
        on_progress=context.on_progress,
        phase="reproduce",
        cancel=context.cancel,
    )


def selection(spec: TaskSpec) -> tuple[str, ...]:
    """Return what the base run selects: the files of the named tests, so that passing ones give contrast."""
    return tuple(dict.fromkeys(name.partition("::")[0] for name in spec.tests))


def chosen_checks(store: Store, spec: TaskSpec, tree: str, config: Config) -> tuple[Check, ...]:
    """Return the checks of a task: a command named with `--test`, else the discovered ones."""
    if spec.command:
        argv = ("sh", "-c", spec.command)
        return (Check(name="command", kind=CheckKind.OPAQUE, argv=argv, declared=True),)
    return discover_checks(store, tree, {name: check.model_dump() for name, check in config.checks.items()})
