"""What a task would do, found out without running anything of the repository."""

from pathlib import Path

from agent.protocol.state import TaskState
from agent.protocol.task import TaskSpec
from agent.protocol.value import Value
from agent.tasks.context import Context
from agent.tasks.measure_base import chosen_checks, take_snapshot
from agent.verify.environment import discover_environment
from sandboxes.choose import choose
from sandboxes.errors import SandboxError


class Preview(Value):
    """The answer of `--dry-run`."""

    kind: str
    repository: str
    tree: str
    dirty: bool
    checks: tuple[str, ...]
    sandbox: str
    environment: tuple[str, ...]
    leaves_the_machine: tuple[str, ...]
    limits: str


def preview(spec: TaskSpec, state: Path) -> Preview:
    """Return what a task would do; raises RatchetError as the task would."""
    context = Context(spec, state, task_id="preview")
    snapshot = take_snapshot(TaskState(spec=spec), context).snapshot
    environment = discover_environment(
        context.store, snapshot.tree, snapshot.commit, context.config(snapshot.tree).environment.model_dump()
    )
    checks = chosen_checks(context, spec, snapshot.tree)
    return Preview(
        kind=spec.kind,
        repository=spec.repository,
        tree=snapshot.tree,
        dirty=snapshot.dirty,
        checks=tuple(f"{check.name}: {' '.join(check.argv) or check.kind}" for check in checks),
        sandbox=_sandbox(spec, state),
        environment=(f"python {environment.python or 'of the base root'}", *environment.requirements),
        leaves_the_machine=tuple(
            f"a request to the package index for {name}" for name in environment.requirements
        ),
        limits=", ".join(f"{name} {value}" for name, value in spec.limits.model_dump().items()),
    )


def _sandbox(spec: TaskSpec, state: Path) -> str:
    try:
        backend, probe = choose(spec.sandbox, state)
    except SandboxError as error:
        return f"no sandbox: {error.message}"
    return f"{backend.kind} ({probe.detail}), network none"
