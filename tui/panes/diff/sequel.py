"""What is begun with a patch that is looked at: the tasks that measure it, and bring it somewhere."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.client.request import request
from agent.protocol.errors import UsageError
from agent.protocol.outcome import Outcome
from agent.protocol.report import shown
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Scope

PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)


class Wish(StrEnum):
    """What is to become of the hunks that are kept; each is measured first unless it is proven."""

    VERIFY = "verify"
    APPLY = "apply"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Sequel:
    """A task that was begun for some of the hunks of another one."""

    task_id: str
    wish: Wish
    patch: str


def subject(state: TaskState) -> str | None:
    """Return the diff that a task is about, None where it has none yet or none at all."""
    spec = state.spec
    if spec is not None and spec.kind is TaskKind.VERIFY and spec.patch:
        return spec.patch
    patch = shown(state)[0]
    return patch.diff if patch is not None and patch.diff else None


def is_proven(state: TaskState | None) -> bool:
    """Say whether a task has ended, and what it is about is proven; no part of the check proves anything."""
    if state is None or state.finished is None or state.finished.outcome not in PROVEN:
        return False
    verdict = shown(state)[1]
    return verdict is not None and verdict.scope is Scope.FULL


def spec_of(
    state: TaskState,
    wish: Wish,
    patch: str,
    *,
    here: Path | None = None,
    proven_by: str | None = None,
    branch: str | None = None,
) -> TaskSpec:
    """Return the spec of a task that puts a patch on what another task began with.

    `here` is the user's clone of the repository, into which a patch from a forge goes; `proven_by` a task
    whose verdict holds for just that. Reads files; raises UsageError.
    """
    assert state.spec is not None and state.snapshot is not None
    commit = state.snapshot.commit
    root = here if state.spec.trigger is not None else Path(state.spec.repository)
    if root is None:
        raise UsageError(
            f"this is no clone of {state.spec.home.partition(':')[2]}",
            hint="open Ratchet in one to bring the patch there; the forge has it as a branch",
        )
    spec = request(
        TaskKind.VERIFY,
        root,
        sandbox=state.spec.sandbox,
        base=commit,
        head=commit,
        patch=patch,
        proven_by=proven_by,
        branch=branch,
        apply=wish is Wish.APPLY,
        attended=True,
        front_end="tui",
    )
    # A command was the whole check; named tests are but a part of one, and no part proves anything.
    return spec.model_copy(update={"command": state.spec.command})
