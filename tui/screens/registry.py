"""The screens by name."""

import importlib

from textual.screen import Screen

from tui.desk import Desk

SCREENS = {
    "tasks": "tui.screens.tasks.screen:TasksScreen",
    "task": "tui.screens.task:TaskScreen",
    "index": "tui.screens.index.screen:IndexScreen",
    "doctor": "tui.screens.doctor.screen:DoctorScreen",
    "settings": "tui.screens.settings.screen:SettingsScreen",
}
"""Each is made with the desk and, where it is about something, names of that."""


def screen(name: str, desk: Desk, *arguments: str) -> Screen[None]:
    """Return a new screen; raises KeyError for one that there is not."""
    module, _, kind = SCREENS[name].partition(":")
    made: Screen[None] = getattr(importlib.import_module(module), kind)(desk, *arguments)
    return made
