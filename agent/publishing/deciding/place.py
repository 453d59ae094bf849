"""Where a task writes on its forge."""

from agent.protocol.forge import Admission, Happened, ObjectId, RepositoryName, Trigger
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.value import Value
from agent.publishing.rendering.marker import Marker

CHANGES = frozenset({TaskKind.FIX, TaskKind.DO})
CHECKED = CHANGES | {TaskKind.VERIFY, TaskKind.REVIEW}
"""What is shown as a check run and in the sticky comment; an answer is a comment of its own."""


class Place(Value):
    """The place of a task that was admitted."""

    task_id: str
    kind: TaskKind
    attempt: int
    repository: RepositoryName
    number: int | None
    """Of the issue or the pull request; None for a run that belongs to neither."""
    head: ObjectId | None
    """Commit that the task is about; None for an issue."""
    is_pull: bool
    is_run: bool
    is_fork: bool
    parent: str | None
    """Task whose failures this one is a group of."""

    @property
    def is_issue(self) -> bool:
        """Say whether it is neither a pull request nor a run."""
        return not self.is_pull and not self.is_run

    @property
    def check_name(self) -> str:
        """Return the name of its check run; each group of failures has one of its own."""
        group = self.task_id.removeprefix(f"{self.parent}-") if self.parent else ""
        return f"ratchet / {self.kind.value} {group}".rstrip()

    @property
    def external_id(self) -> str:
        """Return by what its check run is found again."""
        return self.task_id if self.attempt == 1 else f"{self.task_id}.{self.attempt}"

    def marker(self, kind: str) -> Marker:
        """Return the first line of something that each attempt makes once."""
        name = kind if self.attempt == 1 else f"{kind}_{self.attempt}"
        return Marker(place=name, task_id=self.task_id, kind=self.kind, head=self.head or "")


def place_of(task_id: str, state: TaskState) -> Place | None:
    """Return where a task writes; None when it is of no forge, or nobody said yet who wants it."""
    if state.spec is None or state.spec.trigger is None or state.admission is None:
        return None
    trigger, admission = state.spec.trigger, state.admission
    return Place(
        task_id=task_id,
        kind=state.spec.kind,
        attempt=state.attempt,
        repository=trigger.repository,
        number=trigger.number or (admission.pull.number if admission.pull else None),
        head=_head(trigger, admission),
        is_pull=admission.pull is not None,
        is_run=trigger.happened is Happened.RUN,
        is_fork=admission.fork,
        parent=state.spec.parent,
    )


def _head(trigger: Trigger, admission: Admission) -> ObjectId | None:
    if trigger.happened is Happened.RUN or admission.pull is None:
        return trigger.head
    return admission.pull.head
