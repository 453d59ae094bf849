"""Brings the commits of a task from its forge into our mirror, and again where that lost them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from agent.protocol.forge import ObjectId, Trigger
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.repo.forge.values import GitAccess
from agent.repo.mirror import Mirror
from agent.tasks.context import Context


class _WhenNeeded:
    """Access to a repository that the forge is asked for only when something has to be fetched."""

    def __init__(self, ask: Callable[[], GitAccess]) -> None:
        self._ask = ask

    @cached_property
    def _known(self) -> GitAccess:
        return self._ask()

    @property
    def url(self) -> str:
        """Return where the repository is."""
        return self._known.url

    @property
    def header(self) -> str:
        """Return the line that lets git in; a secret."""
        return self._known.header


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a mirror must hold; the first commit becomes its HEAD."""

    trigger: Trigger
    fork: bool
    commits: tuple[ObjectId, ...] = field(default=())


def bring(wanted: Wanted, context: Context) -> Path:
    """Return the top of the mirror that holds the commits; raises RepositoryError and ForgeError."""
    trigger = wanted.trigger
    number = trigger.number
    # The commits of strangers have a clone, and with it environments, that nothing else is made from.
    mirror = Mirror.at(context.state, trigger.repository, fork_of=number if wanted.fork else None)
    access = _WhenNeeded(lambda: context.forge.git_access(trigger.repository))
    refs = () if number is None else (f"refs/pull/{number}/head",)
    context.on_progress(Progress(phase="admit", message="fetching the commits"))
    mirror.fetch(access, wanted.commits, refs, interrupt=context.cancel)
    return mirror.path


def bring_again(state: TaskState, context: Context) -> None:
    """See to it that the mirror has what the spec of an admitted task names; other tasks have none."""
    spec, admission = state.spec, state.admission
    if spec is None or spec.trigger is None or admission is None or admission.refused:
        return
    named = (spec.head or spec.base, spec.base, spec.configured_by)
    commits = tuple(dict.fromkeys(commit for commit in named if commit is not None))
    if commits:
        bring(Wanted(spec.trigger, admission.fork, commits), context)
