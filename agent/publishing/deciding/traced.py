"""What came of the effects that a finished task made, for the texts that come after them."""

from collections.abc import Iterator, Mapping

from agent.protocol.report import shown
from agent.protocol.state import TaskState
from agent.publishing.deciding.place import CHANGES, Place
from agent.publishing.effect import Result
from agent.publishing.look import Look
from agent.publishing.rendering.traces import Missing, Traces
from agent.repo.forge.errors import ForgeRefused, NotOnForge

_MISSING = {
    "push": "The branch could not be pushed",
    "pull": "The pull request could not be opened",
    "review": "The review could not be posted",
    "check:end": "The check run could not be finished",
}


def traced(place: Place, state: TaskState, made: Mapping[str, Result], look: Look) -> Traces:
    """Return where the other things of a task are, which of them are missing and why."""
    own = {name: made[state.step_key(name)] for name in _MISSING if state.step_key(name) in made}
    pushed, pull = _well(own, "push"), _well(own, "pull")
    number = pull.get("number")
    return Traces(
        branch=(state.delivered.branch or "") if pushed is not _NOTHING and state.delivered else "",
        branch_url=_text(pushed, "url"),
        pull=number if isinstance(number, int) else None,
        pull_url=_text(pull, "url"),
        review_url=_text(_well(own, "review"), "url"),
        missing=tuple(_missing(own)),
        moved_to=_moved_to(place, look),
        fork=place.is_fork and place.kind in CHANGES and shown(state)[0] is not None,
        groups=state.children or (),
    )


_NOTHING: Result = {}


def _well(own: Mapping[str, Result], name: str) -> Result:
    result = own.get(name, _NOTHING)
    return _NOTHING if "failed" in result else result


def _missing(own: Mapping[str, Result]) -> Iterator[Missing]:
    for name, result in own.items():
        if "failed" in result:
            yield Missing(what=_MISSING[name], why=_text(result, "failed"))


def _text(result: Result, name: str) -> str:
    found = result.get(name)
    return found if isinstance(found, str) else ""


def _moved_to(place: Place, look: Look) -> str:
    if not place.is_pull or place.head is None:
        return ""
    try:
        now = look.pull_head()
    except (ForgeRefused, NotOnForge):
        # Whether it moved is a remark only.
        return ""
    return "" if now == place.head else now
