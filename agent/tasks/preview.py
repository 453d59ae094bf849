"""What a task would do, found out without running anything of the repository."""

from collections.abc import Iterator
from pathlib import Path

from agent.protocol.task import TaskSpec
from agent.protocol.value import Value
from agent.repo.store import Store
from agent.tasks.context import read_config
from agent.tasks.measure_base import chosen_checks
from agent.tasks.stages import stages
from agent.tasks.take_snapshot import snapshot_of
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
    store = Store.open(Path(spec.repository), state)
    snapshot = snapshot_of(spec, store).snapshot
    config = read_config(store, snapshot.tree)
    environment = discover_environment(store, snapshot.tree, snapshot.commit, config.environment.model_dump())
    checks = chosen_checks(store, spec, snapshot.tree, config)
    return Preview(
        kind=spec.kind,
        repository=spec.repository,
        tree=snapshot.tree,
        dirty=snapshot.dirty,
        checks=tuple(f"{check.name}: {' '.join(check.argv) or check.kind}" for check in checks),
        sandbox=_sandbox(spec, state),
        environment=(f"python {environment.python or 'of the base root'}", *environment.requirements),
        leaves_the_machine=(
            *(f"a request to the package index for {name}" for name in environment.requirements),
            *_sent(spec),
        ),
        limits=", ".join(f"{name} {value}" for name, value in spec.limits.model_dump().items()),
    )


def _sent(spec: TaskSpec) -> Iterator[str]:
    """Yield what goes to models on other machines."""
    named = {*stages(spec), *spec.roles.values()}
    for one in spec.models:
        if one.name in named and one.is_remote:
            what = "the request, file names, code it asks for and test output, without known secrets"
            yield f"to {one.host} (model {one.name}): {what}"


def _sandbox(spec: TaskSpec, state: Path) -> str:
    try:
        backend, probe = choose(spec.sandbox, state)
    except SandboxError as error:
        return f"no sandbox: {error.message}"
    return f"{backend.kind} ({probe.detail}), network none"
