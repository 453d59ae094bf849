"""Check runs, workflow runs and deliveries."""

from datetime import datetime

from agent.protocol.forge import ObjectId
from agent.repo.forge.github.accounts import GHOST, UserShape
from agent.repo.forge.github.pulls import RepositoryShape
from agent.repo.forge.github.shape import Dated, Shape, seconds
from agent.repo.forge.values import Delivery, Job, JobStep, PostedCheck, WorkflowRun


class NumberShape(Shape):
    """Something with a number."""

    number: int


class RunShape(Dated):
    """A workflow run."""

    id: int
    run_attempt: int = 1
    name: str | None = None
    path: str = ""
    event: str = ""
    conclusion: str | None = None
    head_sha: ObjectId
    head_branch: str | None = None
    run_started_at: datetime | None = None
    head_repository: RepositoryShape | None = None
    actor: UserShape | None = None
    triggering_actor: UserShape | None = None
    pull_requests: tuple[NumberShape, ...] | None = None

    def value(self) -> WorkflowRun:
        """Return it as the port's."""
        actor = self.actor or GHOST
        return WorkflowRun(
            id=self.id,
            attempt=self.run_attempt,
            name=self.name or "",
            # One that an organization requires has its ref behind it.
            path=self.path.partition("@")[0],
            event=self.event,
            conclusion=self.conclusion,
            head=self.head_sha,
            head_branch=self.head_branch or "",
            head_repository=self.head_repository.full_name if self.head_repository else None,
            actor=actor.login,
            triggered_by=(self.triggering_actor or actor).login,
            started=seconds(self.run_started_at) if self.run_started_at else 0,
            pulls=tuple(one.number for one in self.pull_requests or ()),
        )


class StepShape(Shape):
    """A step of a job."""

    name: str = ""
    number: int = 0
    conclusion: str | None = None


class JobShape(Shape):
    """A job of a run."""

    id: int
    name: str = ""
    conclusion: str | None = None
    labels: tuple[str, ...] | None = None
    steps: tuple[StepShape, ...] | None = None

    def value(self) -> Job:
        """Return it as the port's."""
        steps = (
            JobStep(name=one.name, number=one.number, conclusion=one.conclusion) for one in self.steps or ()
        )
        return Job(
            id=self.id,
            name=self.name,
            conclusion=self.conclusion,
            labels=tuple(self.labels or ()),
            steps=tuple(steps),
        )


class ArtifactShape(Dated):
    """An archive of files that a run kept."""

    id: int
    name: str = ""
    size_in_bytes: int = 0
    expired: bool = False


class OutputShape(Shape):
    """What a check run says."""

    annotations_count: int = 0


class CheckAppShape(Shape):
    """Whose check run it is."""

    id: int | None = None


class CheckShape(Shape):
    """A check run."""

    id: int
    name: str
    head_sha: ObjectId
    external_id: str | None = None
    status: str = "queued"
    conclusion: str | None = None
    app: CheckAppShape | None = None
    output: OutputShape | None = None

    def value(self) -> PostedCheck:
        """Return it as the port's."""
        return PostedCheck(
            id=self.id,
            name=self.name,
            head=self.head_sha,
            external_id=self.external_id or "",
            status=self.status,
            conclusion=self.conclusion,
            app=self.app.id if self.app else None,
            annotations=self.output.annotations_count if self.output else 0,
        )


class DeliveryShape(Shape):
    """A webhook delivery."""

    id: int
    guid: str
    event: str = ""
    delivered_at: datetime
    status_code: int = 0
    redelivery: bool = False

    def value(self) -> Delivery:
        """Return it as the port's."""
        return Delivery(
            id=self.id,
            guid=self.guid,
            event=self.event,
            delivered_at=seconds(self.delivered_at),
            ok=200 <= self.status_code < 300,
            redelivery=self.redelivery,
        )
