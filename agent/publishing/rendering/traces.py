"""What else of a task is on its forge: texts point there, and name what could not be made."""

import re
from collections.abc import Iterator

from agent.protocol.value import Value
from agent.publishing.rendering.page import listed
from agent.publishing.rendering.pen import Pen

_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.:\[\]-]+/[\w./%~+-]{0,400}(?:\?[\w=&%-]{0,100})?(?:#[\w-]{0,100})?", re.A
)


class Missing(Value):
    """Something that could not be made; `why` is outside text."""

    what: str
    """One of our own sentences, e.g. `The branch could not be pushed`."""
    why: str


class Traces(Value):
    """The traces of a task beside the text that names them."""

    branch: str = ""
    """Pushed; empty when it was not."""
    branch_url: str = ""
    pull: int | None = None
    """Number of the pull request that the task opened."""
    pull_url: str = ""
    review_url: str = ""
    missing: tuple[Missing, ...] = ()
    moved_to: str = ""
    """Where the pull request stands now, when that is not what the task looked at."""
    fork: bool = False
    groups: tuple[str, ...] = ()
    """Tasks for further groups of failures."""


def whereabouts(traces: Traces, head: str, pen: Pen) -> Iterator[str]:
    """Yield what a reader has to know before all else, and where to go on."""
    if traces.moved_to:
        now, then = pen.code(traces.moved_to[:12]), pen.code(head[:12])
        yield f"**The pull request has moved on** to {now} since: this is about {then}."
    yield " · ".join(_links(traces, pen))
    yield "Nothing was pushed: these commits come from a fork." if traces.fork else ""
    if traces.groups:
        tasks = listed(traces.groups, pen.code, 10)
        yield f"Other failures have tasks of their own:\n\n{tasks}"
    for one in traces.missing:
        yield f"**{one.what}:** {pen.line(one.why, 400)}"


def _links(traces: Traces, pen: Pen) -> Iterator[str]:
    if traces.branch:
        yield f"{link('Branch', traces.branch_url)} {pen.code(traces.branch)}"
    if traces.pull is not None:
        yield link(f"Pull request {traces.pull:d}", traces.pull_url)
    if traces.review_url:
        yield link("Review", traces.review_url)


def link(word: str, address: str) -> str:
    """Return a word of ours that leads to an address of the forge; the word alone when that is no address."""
    return f"[{word}]({address})" if _ADDRESS.fullmatch(address) else word
