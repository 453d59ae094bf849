"""The panes of a task's screen, in the order of their tabs."""

import importlib

from tui.desk import Desk
from tui.panes.pane import Pane

PANES: dict[str, tuple[str, str]] = {
    "work": ("Work", "tui.panes.work.pane:WorkPane"),
    "verdict": ("Verdict", "tui.panes.verdict.pane:VerdictPane"),
    "suspects": ("Suspects", "tui.panes.suspects.pane:SuspectsPane"),
    "diff": ("Diff", "tui.panes.diff.pane:DiffPane"),
    "log": ("Log", "tui.panes.log:LogPane"),
}
"""By key: the title of the tab, and `module:Class`."""


def pane(key: str, desk: Desk, task_id: str) -> Pane:
    """Return a new pane; raises KeyError for one that there is not."""
    module, _, kind = PANES[key][1].partition(":")
    made: Pane = getattr(importlib.import_module(module), kind)(desk, task_id)
    return made
