"""The review of a pull request: what was found and not said before, or a small patch that was proven."""

from collections.abc import Iterable

from agent.protocol.errors import PatchRefused
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.publishing.deciding.place import CHANGES, Place
from agent.publishing.effect import Effect, PostReview
from agent.publishing.look import Look
from agent.publishing.rendering.marker import REVIEW, Marker
from agent.publishing.rendering.memory import key, remembered
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.review import Review, review
from agent.repo.forge.errors import ForgeRefused, NotOnForge

_SMALL = 5
"""Most suggestions for what is on a branch as well."""
_READ = 30
"""Earlier reviews of a pull request that are read, the newest."""
_PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)


def reviewed(place: Place, report: Report, look: Look, pen: Pen) -> Effect | None:
    """Return the review that a finished task leaves; None when it has nothing to say on the lines."""
    if not place.is_pull or place.number is None or place.head is None:
        return None
    if place.kind is TaskKind.REVIEW:
        found = _of_findings(place, report, look, pen)
    else:
        found = _of_patch(place, report, look, pen)
    if found is None:
        return None
    marker = str(place.marker(REVIEW))
    return PostReview(number=place.number, head=place.head, marker=marker, review=found)


def _of_findings(place: Place, report: Report, look: Look, pen: Pen) -> Review | None:
    said = _said_before(place, look) if report.findings else frozenset()
    fresh = [one for one in report.findings if key(one) not in said]
    if report.outcome is not Outcome.DONE or not fresh:
        return None
    before = len(report.findings) - len(fresh)
    try:
        return review(
            _marker(place), fresh, _diff(place, look), pen=pen, summary=report.answer, before=before
        )
    except PatchRefused:
        # Without lines to hold on to everything is said in the text.
        return review(_marker(place), fresh, "", pen=pen, summary=report.answer, before=before)


def _of_patch(place: Place, report: Report, look: Look, pen: Pen) -> Review | None:
    """Return a proven patch on the very commit that is shown as suggestions, if it is small or not pushed."""
    changes = place.kind in CHANGES and report.outcome in _PROVEN
    if not changes or not report.patch or report.base_commit != place.head:
        return None
    diff = _diff(place, look)
    try:
        found = review(_marker(place), (), diff, report.patch, pen=pen) if diff else None
    except PatchRefused:
        return None
    if found is None or not found.comments:
        return None
    return found if place.is_fork or len(found.comments) <= _SMALL else None


def _marker(place: Place) -> Marker:
    return place.marker(REVIEW)


def _diff(place: Place, look: Look) -> str:
    """Return the diff that the forge places comments on; empty when it is not of the commit looked at."""
    try:
        return look.pull_diff() if look.pull_head() == place.head else ""
    except (ForgeRefused, NotOnForge):
        # Too large for the forge to give.
        return ""


def _said_before(place: Place, look: Look) -> frozenset[str]:
    """Return what was said (its keys) of commits that this head goes on from: of none after a forced push."""
    bodies = [*look.reviews()][-_READ:]
    by_head: dict[str, set[str]] = {}
    for marker, body in ((Marker.of(body), body) for body in bodies):
        if marker is not None and marker.head and marker.task_id != place.task_id:
            by_head.setdefault(marker.head, set()).update(remembered(body))
    return _joined(
        said for head, said in by_head.items() if said and (head == place.head or look.follows(head))
    )


def _joined(sets: Iterable[set[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
