"""What screens and widgets ask of the app; the first paint waits for none of their imports."""

from textual.message import Message


class OpenTask(Message):
    """Show one task."""

    def __init__(self, task_id: str, pane: str = "") -> None:
        super().__init__()
        self.task_id = task_id
        self.pane = pane
        """Key of a pane in `tui.panes.registry`; empty for the first."""


class Go(Message):
    """Show a screen by its name in `tui.screens.registry`."""

    def __init__(self, screen: str, argument: str = "") -> None:
        super().__init__()
        self.screen = screen
        self.argument = argument


class Trouble(Message):
    """Tell the user what did not work, and what to do about it."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__()
        self.sentence = sentence
        self.hint = hint
