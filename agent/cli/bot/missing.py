"""What a task could not show on its forge, in a sentence for each reason."""

from collections.abc import Iterator, Sequence

from agent.protocol.api import MadeEffect

_CALLED = {
    "check": "the check run",
    "push": "the branch",
    "pull": "the pull request",
    "review": "the review",
    "eyes": "the reaction",
    "done": "the reaction",
}


def missing(task_id: str, effects: Sequence[MadeEffect]) -> Iterator[str]:
    """Yield a sentence for each reason for which the forge did not take something; outside text."""
    for why in dict.fromkeys(one.failed for one in effects if one.failed):
        things = dict.fromkeys(_called(one.name) for one in effects if one.failed == why)
        yield f"the forge did not take {_listed([*things])} of task {task_id}: {why}"


def _called(name: str) -> str:
    # Before a slash stands the attempt, behind a colon the moment.
    kind, _, moment = name.rpartition("/")[2].partition(":")
    return "the reaction" if moment == "react" else _CALLED.get(kind, "the comment")


def _listed(things: Sequence[str]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
