"""Finding on GitHub what happened while nobody listened."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import takewhile

from agent.protocol.forge import Happened
from agent.repo.forge.github.accounts import GHOST
from agent.repo.forge.github.api import Api
from agent.repo.forge.github.pulls import CommentShape, IssueEventShape, PullShape
from agent.repo.forge.github.runs import DeliveryShape, RunShape
from agent.repo.forge.github.shape import Nothing, seconds
from agent.repo.forge.values import Delivery, Seen

_LONGEST_RUN = 6 * 3600
"""A run is listed by when it began; GitHub ends a job after six hours."""
_NEWEST = {"sort": "updated", "direction": "desc"}
_OLDEST = {"sort": "updated", "direction": "asc"}


class GitHubWatching:
    """WatchesForge over the REST API."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def deliveries(self, since: int) -> Iterator[Delivery]:
        """Yield the App's deliveries from `since` on, newest first."""
        if self._api.authority.app is None:
            return
        found = self._api.pages(DeliveryShape, None, "app", "hook", "deliveries")
        yield from takewhile(lambda one: one.delivered_at >= since, (one.value() for one in found))

    def redeliver(self, delivery: int) -> None:
        """Have a delivery sent again."""
        self._api.send(Nothing, "POST", None, "app", "hook", "deliveries", delivery, "attempts", body=None)

    def events_since(self, repository: str, since: int) -> Sequence[Seen]:
        """Return what happened in a repository, oldest first, by five lists."""
        found = (
            *self._comments(repository, since),
            *self._labels(repository, since),
            *self._pulls(repository, since),
            *self._failed(repository, since),
        )
        return sorted(found, key=lambda one: one.at)

    def _comments(self, repository: str, since: int) -> Iterator[Seen]:
        asked = {"since": _moment(since), **_OLDEST}
        for kind, happened in (("issues", Happened.COMMENT), ("pulls", Happened.REVIEW_COMMENT)):
            found = self._api.pages(CommentShape, repository, kind, "comments", **asked)
            yield from (_comment(happened, one) for one in found)

    def _labels(self, repository: str, since: int) -> Iterator[Seen]:
        found = self._api.pages(IssueEventShape, repository, "issues", "events")
        newest = takewhile(lambda one: seconds(one.created_at) >= since, found)
        yield from (_label(one) for one in newest if one.event == "labeled" and one.issue is not None)

    def _pulls(self, repository: str, since: int) -> Iterator[Seen]:
        found = self._api.pages(PullShape, repository, "pulls", state="open", **_NEWEST)
        newest = takewhile(lambda one: one.changed >= since, found)
        yield from (_pull(one) for one in newest)

    def _failed(self, repository: str, since: int) -> Iterator[Seen]:
        found = self._api.pages(
            RunShape, repository, "actions", "runs", key="workflow_runs", status="failure"
        )
        newest = takewhile(lambda one: one.began >= since - _LONGEST_RUN, found)
        yield from (_run(one) for one in newest if one.changed >= since)


def _moment(at: int) -> str:
    return datetime.fromtimestamp(max(at, 0), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _comment(happened: Happened, one: CommentShape) -> Seen:
    return Seen(
        key=f"{happened}:{one.id}",
        happened=happened,
        at=one.changed,
        actor=one.author,
        number=one.number,
        comment=one.id,
        body=one.body or "",
        edited=one.edited,
        head=one.commit_id if happened is Happened.REVIEW_COMMENT else None,
    )


def _label(one: IssueEventShape) -> Seen:
    return Seen(
        key=f"label:{one.id}",
        happened=Happened.LABEL,
        at=seconds(one.created_at),
        actor=(one.actor or GHOST).value(),
        number=one.issue.number if one.issue else None,
        label=one.label.name if one.label else "",
    )


def _pull(one: PullShape) -> Seen:
    return Seen(
        key=f"pull:{one.number}:{one.head.sha}",
        happened=Happened.PULL,
        at=one.changed,
        actor=one.author,
        number=one.number,
        head=one.head.sha,
    )


def _run(one: RunShape) -> Seen:
    run = one.value()
    actor = one.triggering_actor or one.actor or GHOST
    return Seen(
        key=f"run:{run.id}:{run.attempt}",
        happened=Happened.RUN,
        at=one.changed,
        actor=actor.value(),
        number=next(iter(run.pulls), None),
        head=run.head,
        run=run,
    )
