"""The modal in which one value is changed; it closes with what the file says then."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Footer, Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from agent.config import UserConfig, user_file
from agent.protocol.errors import UsageError
from tui.safe import content
from tui.screens.settings.file import change
from tui.screens.settings.kinds import brief, read, written
from tui.screens.settings.schema import Kind
from tui.screens.settings.settings import Setting

_UNSET = "unset"


class Editor(ModalScreen[UserConfig | None]):
    """Writes nothing that the schema refuses, and says why; None when it was left."""

    CSS_PATH = "editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save"),
        Binding("escape", "dismiss(None)", "Leave as it is"),
    ]

    def __init__(self, setting: Setting, choices: tuple[str, ...] = ()) -> None:
        """Make one; `choices` are known only while the app runs."""
        super().__init__()
        self._setting = setting
        self._choices = choices or setting.field.choices

    def compose(self) -> ComposeResult:
        """Lay out what is known about the field, and where its value is given."""
        with Vertical(id="editor") as frame:
            frame.border_title = content(".".join(self._setting.field.path))
            yield Static(content("\n".join(self._setting.explained())), id="about", markup=False)
            yield self._entry()
            yield Static("", id="refusal", markup=False)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the value there is."""
        if self._choices:
            entry, given = self.query_one(OptionList), written(self._setting.given)
            entry.highlighted = self._choices.index(given) + 1 if given in self._choices else 0

    def action_save(self) -> None:
        """Write the value, if it is one."""
        try:
            value = read(self._text(), self._setting.field)
            user = change(user_file(), {self._setting.field.path: value})
        except UsageError as error:
            said = f"✗ {error.message}" + (f"\n{error.hint}" if error.hint else "") + "\nNothing was written."
            self.query_one("#refusal", Static).update(content(said))
        else:
            self.dismiss(user)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _done(self) -> None:
        self.action_save()

    def _entry(self) -> Widget:
        if self._choices:
            return OptionList(*self._options(), id="entry", markup=False)
        given = written(self._setting.given)
        if self._setting.field.kind is Kind.LINES:
            return TextArea(given, id="entry", soft_wrap=False)
        unset = f"empty: {brief(self._setting.field.default)}"
        return Input(given, id="entry", placeholder=unset, select_on_focus=False)

    def _options(self) -> Iterator[Option]:
        yield Option(content(f"as by default: {brief(self._setting.field.default)}"), id=_UNSET)
        yield from (Option(content(one)) for one in self._choices)

    def _text(self) -> str:
        entry = self.query_one("#entry")
        if isinstance(entry, OptionList):
            return self._choices[entry.highlighted - 1] if entry.highlighted else ""
        return entry.text if isinstance(entry, TextArea) else self.query_one("#entry", Input).value
