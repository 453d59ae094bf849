"""One thing of each kind to be made on a fake forge, and how many of it are there."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from agent.publishing.effect import (
    BeginCheck,
    Effect,
    EndCheck,
    OpenPull,
    Post,
    PostReview,
    Push,
    React,
    Result,
    Sticky,
)
from agent.publishing.making.hand import Hand
from agent.publishing.making.kinds import look
from agent.publishing.rendering.check_run import Annotation, CheckRun, Conclusion, Level
from agent.publishing.rendering.review import Review
from agent.repo.forge.errors import ForgeBusy, ForgeUnreachable
from tests.forge import git
from tests.publishing.site import BEFORE, PATH, Site

STICKY = "<!-- ratchet:sticky:v1 task=t1 kind=fix -->\nIt is fixed."
TRIES = 6


@dataclass(frozen=True, slots=True)
class Thing:
    """An effect, and what there is of it on the forge."""

    effect: Effect
    count: Callable[[], int]
    method: str
    path: str
    """Of the request that makes it, as a glob."""


def reaction(site: Site) -> Thing:
    """Return eyes on a comment."""
    comment = site.repository.comment(_issue(site), "ann", "/ratchet fix")
    return Thing(
        React(comment=comment, content="eyes"),
        lambda: len(site.repository.reactions(comment)),
        "POST",
        "*/reactions",
    )


def comment(site: Site) -> Thing:
    """Return an answer."""
    number, marker = _issue(site), f"<!-- {secrets.token_hex(4)} -->"
    return Thing(
        Post(number=number, marker=marker, body=f"{marker}\nIt rounds."),
        lambda: len(site.repository.comments(number)),
        "POST",
        "*/comments",
    )


def sticky_comment(site: Site) -> Thing:
    """Return the first comment of a pull request."""
    number = _issue(site)
    return Thing(
        Sticky(number=number, body=STICKY),
        lambda: len(site.repository.comments(number)),
        "POST",
        "*/comments",
    )


def changed_comment(site: Site) -> Thing:
    """Return another text for that comment; it counts when it says so."""
    number = _issue(site)
    site.forge.create_comment(site.repository.name, number, STICKY)
    body = STICKY.replace("fixed", "not fixed")
    return Thing(
        Sticky(number=number, body=body),
        lambda: [one.body for one in site.repository.comments(number)].count(body),
        "PATCH",
        "*/comments/*",
    )


def begun_check(site: Site) -> Thing:
    """Return a check run that is at work."""
    wanted = secrets.token_hex(4)
    return Thing(
        BeginCheck(name="ratchet / fix", head=site.head, external_id=wanted, title="under way"),
        lambda: sum(check.external_id == wanted for check in site.repository.checks()),
        "POST",
        "*/check-runs",
    )


def ended_check(site: Site, annotations: int = 3) -> Thing:
    """Return a finished check run."""
    wanted = secrets.token_hex(4)
    return Thing(
        EndCheck(check=check(site.head, wanted, annotations)),
        lambda: sum(check.external_id == wanted for check in site.repository.checks()),
        "POST",
        "*/check-runs",
    )


def check(head: str, external_id: str, annotations: int) -> CheckRun:
    """Return a check run with so many annotations."""
    notes = [
        Annotation(
            path=PATH,
            start_line=number % 4 + 1,
            end_line=number % 4 + 1,
            annotation_level=Level.FAILURE,
            message=f"wrong {number}",
            title=f"test {number}",
        )
        for number in range(annotations)
    ]
    return CheckRun(
        name="ratchet / fix",
        head_sha=head,
        external_id=external_id,
        conclusion=Conclusion.FAILURE,
        title="broken",
        summary="Two tests fail.",
        annotations=tuple(tuple(notes[at : at + 50]) for at in range(0, len(notes), 50)),
    )


def branch(site: Site) -> Thing:
    """Return a branch of ours."""
    name = f"ratchet/{secrets.token_hex(4)}"
    return Thing(
        Push(mirror=str(site.mirror.path), branch=name, commit=site.fixed),
        lambda: int(site.repository.branches().get(name) == site.fixed),
        "POST",
        "*/git-receive-pack",
    )


def pull_request(site: Site) -> Thing:
    """Return a pull request from a branch of ours, which is there."""
    name = f"ratchet/{secrets.token_hex(4)}"
    made = git.commit(site.repository.path, name, {PATH: BEFORE}, name, site.head)
    return Thing(
        OpenPull(head=name, base="main", title="Make it pass", body="It passes."),
        lambda: sum(bool(one.pull and one.pull.head_commit == made) for one in site.repository.pulls()),
        "POST",
        "*/pulls",
    )


def left_review(site: Site) -> Thing:
    """Return a review."""
    number, marker = site.pull(), f"<!-- {secrets.token_hex(4)} -->"
    review = Review(commit_id=site.head, body=f"{marker}\nIt is fine.")
    return Thing(
        PostReview(number=number, head=site.head, marker=marker, review=review),
        lambda: len(site.repository.reviews(number)),
        "POST",
        "*/reviews",
    )


EACH: dict[str, Callable[[Site], Thing]] = {
    "reaction": reaction,
    "comment": comment,
    "sticky": sticky_comment,
    "changed sticky": changed_comment,
    "begun check": begun_check,
    "ended check": ended_check,
    "branch": branch,
    "pull request": pull_request,
    "review": left_review,
}


def hand(site: Site) -> Hand:
    """Return what everything is made with."""
    return Hand(site.forge, site.repository.name, app=site.config.app)


def _issue(site: Site) -> int:
    return site.repository.open_issue("tax", "It is wrong.", "ann")


def make(site: Site, effect: Effect) -> Result:
    """Make an effect, again as long as the forge gives no answer; raises what it says else."""
    for _ in range(TRIES):
        try:
            found = look(hand(site), effect)
            return found() if callable(found) else found
        except (ForgeBusy, ForgeUnreachable):
            continue
    raise AssertionError("it was never made")
