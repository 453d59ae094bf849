"""The text of a prompt: Enter sends it, and what is pasted or was said before comes in whole."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Location

from tui.prompt.choices import Choice, Choices
from tui.prompt.history import Entry, History
from tui.prompt.pasted import Pasted
from tui.safe import shown

Choose = Callable[[], "Choice | None"]
"""Puts the marked choice into the text, and returns it; None when nothing that is offered fits the text."""


class PromptArea(TextArea):
    """Several lines to write in; while choices are open the arrows, Tab and Enter are for them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send"),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "New line", key_display="^j"),
        Binding("up", "up", "Earlier", show=False),
        Binding("down", "down", "Later", show=False),
        Binding("tab", "choose", "Complete", show=False),
        Binding("escape", "dismiss", "Close the choices", show=False),
        Binding("ctrl+c,super+c", "copy", "Copy, or clear", show=False),
    ]

    class Sent(Message):
        """A text was sent, and the next can be written."""

        def __init__(self, entry: Entry, whole: str) -> None:
            super().__init__()
            self.entry = entry
            self.whole = whole
            """With what stands behind its marks."""

    class Dismissed(Message):
        """The choices are not wanted."""

    def __init__(self, choices: Choices, choose: Choose, history: History, placeholder: str) -> None:
        super().__init__(placeholder=Content(placeholder), highlight_cursor_line=False)
        self._choices = choices
        self._choose = choose
        self._history = history
        self.pasted = Pasted()
        self.recalled = ""
        """The text that was last put in from the history, for which nothing is offered."""

    @property
    def before_cursor(self) -> str:
        """Return the line of the cursor up to it."""
        row, column = self.cursor_location
        return self.document.get_line(row)[:column]

    def entry(self) -> Entry:
        """Return the text as it stands."""
        return Entry(self.text, self.pasted.marks_in(self.text))

    def put(self, entry: Entry) -> None:
        """Show an entry instead, with the cursor at its end."""
        self.pasted = Pasted(entry.pasted)
        self.recalled = entry.text
        self.text = entry.text
        self.move_cursor(self.document.end)

    def get_line(self, line_index: int) -> Text:
        """Return a line with its marks emphasized."""
        found = super().get_line(line_index)
        for mark in self.pasted.marks_in(found.plain):
            found.highlight_words([mark], "bold italic")
        return found

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys to others that are for choices, when there are none."""
        return self._choices.is_open if action in ("choose", "dismiss") else True

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key is bound to here.

        Bindings are else looked up by the app, which gets to it when further keys are written already.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.prevent_default()
                event.stop()
                return

    def action_send(self) -> None:
        """Take the marked choice, or send the text; a backslash at the end of the line begins a new one."""
        chosen = self._choose() if self._choices.is_open else None
        if chosen is not None and not chosen.is_all:
            return
        if self.before_cursor.endswith("\\"):
            self.action_delete_left()
            self.action_newline()
        elif self.text.strip():
            self._send()

    def action_newline(self) -> None:
        """Begin a new line."""
        self._put_in("\n")

    def action_choose(self) -> None:
        """Take the marked choice."""
        self._choose()

    def action_dismiss(self) -> None:
        """Close the choices."""
        self.post_message(self.Dismissed())

    def action_up(self) -> None:
        """Go to the choice above, the line above, or to what was said before."""
        if self._choices.is_open:
            self._choices.action_cursor_up()
        elif not self.navigator.is_first_wrapped_line(self.cursor_location):
            self.action_cursor_up()
        else:
            self._show(self._history.earlier(self.entry()))

    def action_down(self) -> None:
        """Go to the choice below, the line below, or to what was said after."""
        if self._choices.is_open:
            self._choices.action_cursor_down()
        elif not self.navigator.is_last_wrapped_line(self.cursor_location):
            self.action_cursor_down()
        else:
            self._show(self._history.later())

    def action_copy(self) -> None:
        """Copy the selection; without one, clear the text, which Ctrl+Z brings back."""
        if self.selected_text or not self.text:
            super().action_copy()
            return
        self.clear()

    def action_paste(self) -> None:
        """Paste what was last copied here."""
        if not self.app.clipboard:
            raise SkipAction()
        self._paste(self.app.clipboard)

    def action_delete_left(self) -> None:
        """Delete a character, or the whole of a mark."""
        mark = self.pasted.mark_before(self.before_cursor) if self.selection.is_empty else ""
        if not mark:
            super().action_delete_left()
            return
        row, column = self.cursor_location
        self.delete((row, column - len(mark)), (row, column), maintain_selection_offset=False)

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste of the terminal."""
        event.prevent_default()
        event.stop()
        self._paste(event.text)

    def _send(self) -> None:
        entry, whole = self.entry(), self.pasted.whole(self.text).strip()
        self._history.add(entry)
        self.put(Entry(""))
        self.post_message(self.Sent(entry, whole))

    def _paste(self, text: str) -> None:
        # Terminals send a line's end as the key would: CR.
        harmless = shown(text.replace("\r\n", "\n").replace("\r", "\n"))
        self._put_in(self.pasted.fold(harmless))

    def _put_in(self, text: str) -> None:
        start, end = self.selection
        ends: Location = self.replace(text, start, end, maintain_selection_offset=False).end_location
        self.move_cursor(ends)

    def _show(self, entry: Entry | None) -> None:
        if entry is not None:
            self.put(entry)
