"""The command palette: everything that can be done here, by name."""

from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.actions import parse
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen

from tui.messages import OpenTask
from tui.safe import line

if TYPE_CHECKING:
    from tui.desk import Desk

_OURS = "tui."


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that a node of the screen, or the app, is bound to and ready for."""

    node: DOMNode
    binding: Binding

    @property
    def title(self) -> str:
        """Return what it does."""
        return self.binding.description


def deeds(screen: Screen[object]) -> list[Deed]:
    """Return what can be done on a screen, what is nearest to the focus first, each once."""
    found: dict[tuple[int, str], Deed] = {}
    for node in _nodes(screen):
        for binding in _bindings(node):
            if binding.description and not binding.system and _is_ready(node, binding.action):
                found.setdefault((id(node), binding.action), Deed(node, binding))
    return list(found.values())


def _nodes(screen: Screen[object]) -> Iterator[DOMNode]:
    # Also what has not the focus: a key that is typed into a prompt still has a name here.
    focused = [] if screen.focused is None else list(screen.focused.ancestors_with_self)
    seen: set[DOMNode] = set()
    for node in (*focused, *screen.query("*").results(), screen, screen.app):
        if node not in seen and (node.display or node in (screen, screen.app)):
            seen.add(node)
            yield node


def _bindings(node: DOMNode) -> Iterator[Binding]:
    """Yield what our own classes are bound to; what moves a cursor has no name in a palette."""
    for kind in type(node).__mro__:
        if kind.__module__.startswith(_OURS) and "BINDINGS" in kind.__dict__:
            yield from Binding.make_bindings(kind.__dict__["BINDINGS"])


def _is_ready(node: DOMNode, action: str) -> bool:
    where, name, parameters = parse(action)
    target = {"app": node.app, "screen": node.screen}.get(where, node)
    return bool(target.check_action(name, parameters))


class Deeds(Provider):
    """Offers every action of the screen and the app."""

    async def discover(self) -> Hits:
        """Offer all of them."""
        for deed in deeds(self.screen):
            yield DiscoveryHit(Content(deed.title), self._run(deed), deed.title, self._help(deed))

    async def search(self, query: str) -> Hits:
        """Offer those whose name fits."""
        matcher = self.matcher(query)
        for deed in deeds(self.screen):
            score = matcher.match(deed.title)
            if score > 0:
                yield Hit(score, matcher.highlight(deed.title), self._run(deed), deed.title, self._help(deed))

    def _run(self, deed: Deed) -> "partial[Coroutine[object, object, bool]]":
        return partial(self.app.run_action, deed.binding.action, deed.node)

    def _help(self, deed: Deed) -> str:
        return f"key {self.app.get_key_display(deed.binding)}"


class OpenTasks(Provider):
    """Offers to open a task by its id, kind, state or repository."""

    async def search(self, query: str) -> Hits:
        """Offer those whose line fits."""
        desk: Desk | None = getattr(self.app, "desk", None)
        if desk is None:
            return
        matcher = self.matcher(query)
        for task in desk.feed.tasks():
            state = task.outcome or task.status
            title = line(f"Open {task.kind} {task.task_id} {state} {task.repository.rpartition('/')[2]}")
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), partial(self._open, task.task_id), title)

    def _open(self, task_id: str) -> None:
        self.app.post_message(OpenTask(task_id))
