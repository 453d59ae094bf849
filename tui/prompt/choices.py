"""What completion offers, above the text; the keys stay with the text."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.safe import line, shown

_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One offer."""

    insert: str
    """What takes the place of the part that was typed; empty for a remark that cannot be chosen."""
    label: str
    note: str = ""
    is_all: bool = False
    """Nothing need follow it: it can be sent as it is."""


class Choices(OptionList, can_focus=False):
    """Hidden while there is nothing to choose."""

    DEFAULT_CSS = """
    Choices { display: none; max-height: 8; border: none; background: $panel; }
    Choices { text-wrap: nowrap; text-overflow: ellipsis; }
    Choices.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._offered: Sequence[Choice] = ()

    @property
    def is_open(self) -> bool:
        """Say whether something can be chosen; a remark cannot."""
        return self.highlighted is not None

    @property
    def chosen(self) -> Choice | None:
        """Return the marked choice."""
        return None if self.highlighted is None else self._offered[self.highlighted]

    def offer(self, offered: Sequence[Choice]) -> None:
        """Show choices; what was marked before stays so if it is still there."""
        marked = self.chosen
        self._offered = offered
        self.set_options(Option(_shown(one), disabled=not one.insert) for one in offered)
        places = [place for place, one in enumerate(offered) if one.insert]
        if places:
            kept = [place for place in places if marked is not None and offered[place] == marked]
            self.highlighted = (kept or places)[0]
        self.set_class(bool(offered), "-open")

    def close(self) -> None:
        """Offer nothing any more."""
        self.remove_class("-open")
        self._offered = ()
        self.clear_options()

    def at(self, place: int) -> Choice:
        """Return the choice of a row."""
        return self._offered[place]


def _shown(choice: Choice) -> Content:
    note = Content.styled(f"  {line(choice.note, _WIDTH)}" if choice.note else "", "$text-muted")
    # Unlike `line` this keeps the blanks that columns are made of.
    label = shown(choice.label[:_WIDTH]).replace("\n", " ")
    return Content.assemble(Content(label), note)
