"""Work beside what is on screen."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ParamSpec

from textual.dom import DOMNode
from textual.worker import WorkType

P = ParamSpec("P")


def begin(
    node: DOMNode,
    work: Callable[P, Coroutine[Any, Any, None]],
    *given: P.args,
    **named: P.kwargs,
) -> None:
    """Do something until it is done or the node is gone; an error nobody expects ends the app."""
    begin_in("default", node, work, *given, **named)


def begin_in(
    group: str,
    node: DOMNode,
    work: Callable[P, Coroutine[Any, Any, None]],
    *given: P.args,
    **named: P.kwargs,
) -> None:
    """Do something beside the other work of a group."""
    _run(node, partial(work, *given, **named), group, exclusive=False)


def begin_alone(
    group: str,
    node: DOMNode,
    work: Callable[P, Coroutine[Any, Any, None]],
    *given: P.args,
    **named: P.kwargs,
) -> None:
    """Do something instead of the other work of a group, which is cancelled."""
    _run(node, partial(work, *given, **named), group, exclusive=True)


def _run(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], group: str, *, exclusive: bool
) -> None:
    # A coroutine that is made here would be left over when the app ends before it begins.
    later: WorkType[None] = work
    node.run_worker(later, group=group, exclusive=exclusive, exit_on_error=True)
