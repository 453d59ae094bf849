"""How much of a task there is on a fake forge."""

from collections import Counter

from agent.publishing.rendering.marker import STICKY, Marker
from tests.publishing.site import Site


def counted(site: Site, task_id: str) -> dict[str, int]:
    """Return how many things of each kind a task has left."""
    number, branches = site.number(task_id), site.repository.branches()
    comments, branch = Counter(_places(site, task_id, number)), f"ratchet/{task_id}"
    return {
        "sticky": comments.pop(STICKY, 0),
        "comment": comments.total(),
        "check": sum(check.external_id == task_id for check in site.repository.checks()),
        "review": sum(f"task={task_id} " in one.body for one in site.repository.reviews(number)),
        "branch": int(branch in branches and branches[branch] == site.fixed),
        "pull": sum(bool(one.pull and one.pull.head_branch == branch) for one in site.repository.pulls()),
    }


def expected(**but: int) -> dict[str, int]:
    """Return what a fix of a pull request leaves, but for this."""
    return {"sticky": 1, "comment": 0, "check": 1, "review": 1, "branch": 1, "pull": 0, **but}


def stickies(site: Site, number: int) -> list[str]:
    """Return the texts of our comments with the marker of the one comment."""
    ours = (one.body for one in site.repository.comments(number) if one.author.login == site.login)
    return [body for body in ours if (marker := Marker.of(body)) and marker.place == STICKY]


def _places(site: Site, task_id: str, number: int) -> list[str]:
    ours = (one.body for one in site.repository.comments(number) if one.author.login == site.login)
    markers = (Marker.of(body) for body in ours)
    return [marker.place for marker in markers if marker and marker.task_id == task_id]
