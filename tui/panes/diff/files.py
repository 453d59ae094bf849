"""The files of a patch, to go to one of them."""

from collections import Counter

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agent.patches.hunks import FileDiff, Part
from tui.panes.diff.choice import Choice
from tui.panes.diff.paint import counted
from tui.safe import content, line

_LONGEST = 200


class FileList(OptionList):
    """One line a file: what it gains and loses, and whether anything of it is dropped."""

    DEFAULT_CSS = """
    FileList { dock: left; width: 32; height: 1fr; padding: 0; }
    FileList, FileList:focus { border: none; border-right: vkey $panel; }
    """

    def show(self, choice: Choice) -> None:
        """Show the files of a choice."""
        self.clear_options()
        every, dropped = (Counter(part.file for part in some) for some in (choice.parts, choice.dropped))
        self.add_options(
            Option(_told(file, every[number], dropped[number])) for number, file in enumerate(choice.files)
        )

    def point(self, part: Part | None) -> None:
        """Point at the file of a part."""
        if part is not None:
            self.highlighted = part.file


def _told(file: FileDiff, parts: int, dropped: int) -> Content:
    sign = "✓" if not dropped else "✗" if dropped == parts else "◐"
    added, removed = counted(file)
    return Content.assemble(
        (f"{sign} ", "$text-success" if not dropped else "$text-warning"),
        (f"+{added} ", "$text-success"),
        (f"-{removed} ", "$text-error"),
        content(line(file.path, _LONGEST)),
    )
