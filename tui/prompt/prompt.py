"""Where the user speaks."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList

from agent.config import state_dir
from tui.background import begin_alone
from tui.desk import Desk
from tui.orders.commands import COMMANDS
from tui.prompt.area import PromptArea
from tui.prompt.choices import Choice, Choices
from tui.prompt.completing import Wanted, wanted
from tui.prompt.history import Entry, History
from tui.prompt.offers import Offers

_PLACEHOLDER = "say what to do · / commands · @ files, symbols · Ctrl+J new line"
_HELP = "# The prompt\n\nWords go to the model at work, or begin a task. `@` names files and symbols.\n\n"


def history_file() -> Path:
    """Return where what was said is kept."""
    return state_dir() / "tui" / "said.jsonl"


class Prompt(Vertical):
    """A text of several lines with completion and history, at the bottom of a screen."""

    HELP: ClassVar[str | None] = _HELP + "\n".join(f"- `{one.usage}` {one.does}" for one in COMMANDS.values())
    DEFAULT_CSS = """
    Prompt { height: auto; max-height: 60%; }
    Prompt PromptArea { height: auto; min-height: 3; max-height: 10; }
    """

    class Said(Message):
        """The user sent a text; pastes are whole in it."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self, desk: Desk, *, placeholder: str = _PLACEHOLDER, text: str = "", id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._offers = Offers(desk)
        self._choices = Choices()
        self._area = PromptArea(self._choices, self.choose, History(history_file()), placeholder)
        self._begun_with = text
        self._said: tuple[str, Entry] | None = None
        """What was said last, whole and as it was shown."""
        self._wanted: Wanted | None = None
        self._offered: Wanted | None = None
        """What the choices that are shown are for."""
        self._dismissed: tuple[int, int] | None = None
        """Where the part begins whose choices were closed."""

    def compose(self) -> ComposeResult:
        """Lay out the choices above the text."""
        yield self._choices
        yield self._area

    def on_mount(self) -> None:
        """Go on with what was written before there was a prompt."""
        if self._begun_with:
            self._area.put(Entry(self._begun_with))

    def focus(self, scroll_visible: bool = True) -> "Prompt":
        """Put the cursor into the text."""
        self._area.focus(scroll_visible)
        return self

    def write(self, text: str) -> None:
        """Put a text in at the cursor, as if it was typed."""
        self._area.insert(text)

    def give_back(self, text: str) -> None:
        """Show again what was said last, if it is that text and nothing else was written since."""
        if self._said is not None and self._said[0] == text and not self._area.text:
            self._area.put(self._said[1])

    def choose(self) -> Choice | None:
        """Put the marked choice into the text, and return it; None when it is not for what is written now."""
        chosen, written = self._choices.chosen, self._written()
        if chosen is None or written is None or written != self._offered:
            return None
        row, column = self._area.cursor_location
        # What can be sent as it is needs nothing behind it.
        follows = "" if chosen.is_all else " "
        self._area.replace(
            chosen.insert + follows, (row, written.start), (row, column), maintain_selection_offset=False
        )
        self._close()
        return chosen

    def on_prompt_area_sent(self, message: PromptArea.Sent) -> None:
        """Hand over what was sent."""
        message.stop()
        self._said = (message.whole, message.entry)
        self.post_message(self.Said(message.whole))

    def on_option_list_option_selected(self, selected: OptionList.OptionSelected) -> None:
        """Put in the choice that was clicked."""
        selected.stop()
        self.choose()
        self._area.focus()

    def on_prompt_area_dismissed(self, message: PromptArea.Dismissed) -> None:
        """Offer nothing more for what is being written."""
        message.stop()
        if self._wanted is not None:
            self._dismissed = (self._area.cursor_location[0], self._wanted.start)
        self._close()

    def on_text_area_changed(self) -> None:
        """Offer what fits."""
        self._complete()

    def on_text_area_selection_changed(self) -> None:
        """Offer what fits where the cursor is now."""
        self._complete()

    def _written(self) -> Wanted | None:
        """Return what is being written at the cursor, and could be completed."""
        area = self._area
        if not area.selection.is_empty or area.text == area.recalled:
            return None
        return wanted(area.before_cursor, first=area.cursor_location[0] == 0)

    def _complete(self) -> None:
        found = self._written()
        if found is None:
            self._dismissed = None
        if found is None or (self._area.cursor_location[0], found.start) == self._dismissed:
            self._close()
        elif found != self._wanted:
            self._wanted = found
            begin_alone("completion", self, self._offer, found)

    async def _offer(self, found: Wanted) -> None:
        async for offered in self._offers.of(found):
            self._offered = found
            if [one.insert for one in offered] == [self._area.before_cursor[found.start :]]:
                # Nothing is left to complete.
                self._choices.close()
            else:
                self._choices.offer(offered)

    def _close(self) -> None:
        self._wanted = self._offered = None
        self.workers.cancel_group(self, "completion")
        self._choices.close()
