"""How far a yes reaches, on one line."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from agent.protocol.policy import ApprovalScope

_LABELS = {
    ApprovalScope.ONCE: "once",
    ApprovalScope.TASK: "the rest of this task",
    ApprovalScope.PATTERN: "whatever matches a pattern",
}


class ScopeLine(Static):
    """Marks the scope that is chosen; its screen has the keys, a click does the same."""

    scope: reactive[ApprovalScope] = reactive(ApprovalScope.ONCE, init=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(_content(ApprovalScope.ONCE), id=id, markup=False)

    def watch_scope(self) -> None:
        """Move the mark."""
        self.update(_content(self.scope))


def _content(chosen: ApprovalScope) -> Content:
    parts = []
    for number, (scope, label) in enumerate(_LABELS.items(), 1):
        mark, style = ("(•)", "bold") if scope is chosen else ("( )", "")
        # Nothing of it comes from outside.
        parts.append(
            Content.from_markup(f"[{style} @click=screen.scope('{scope}')]{number} {mark} {label}[/]")
        )
    return Content("   ").join(parts)
