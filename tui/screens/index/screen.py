"""The index browser: from a part of a name to what it is, what calls it and which tests reach it."""

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Static

from agent.protocol.errors import RatchetError
from agent.protocol.index import IndexSymbol
from tui.background import begin_alone
from tui.desk import Desk
from tui.feed.feed import Link, LinkState
from tui.prompt.symbols import symbols_like
from tui.safe import content, line
from tui.screens.index.asking import described, patiently, symbol_at
from tui.screens.index.places import Places
from tui.screens.index.rows import Place, found, standing

_MOST = 200
_AGE = 5.0
_PAUSE = 0.08
"""Seconds without a key after which the index is asked."""
_SOON = 0.5
"""Seconds after which it is said what is waited for."""
_KEYS = "type a part of a name · Enter goes on · y copies the place · Escape goes back"
_NO_REPOSITORY = (
    "this is in no git repository",
    "open Ratchet in one: cd there, or `ratchet tui -C DIRECTORY`",
)
_RECORDED = "a recording has no index", "`ratchet` shows that of the repository you are in"


class IndexScreen(Screen[None]):
    """What is typed is looked up, what is marked is described, what is chosen is gone to."""

    CSS_PATH = "index.tcss"
    # Textual declares it as a variable of the instance.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#wanted"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("slash", "look_up", "Search"),
        Binding("y", "copy", "Copy the place"),
        Binding("backspace", "previous", "Previous symbol"),
        Binding("ctrl+r", "again", "Ask again"),
    ]

    def __init__(self, desk: Desk, wanted: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._wanted = wanted
        self._symbols: list[IndexSymbol] = []
        self._described: IndexSymbol | None = None
        self._before: list[IndexSymbol] = []

    def compose(self) -> ComposeResult:
        """Lay out the search, the symbols and the one that is marked."""
        yield Static(self._title(), id="title", markup=False)
        yield Input(self._wanted, placeholder="symbol, or a part of its name", id="wanted")
        with Container(id="lists"):
            yield Places(id="found")
            yield Places(id="described")
        yield Static(id="standing", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Begin with what was asked for."""
        self._desk.told.link.subscribe(self, self._linked)
        self.query_one("#found", Places).border_title = Content("symbols")
        self.action_again()

    @on(Input.Changed, "#wanted")
    def look_up(self) -> None:
        """Look up what is typed now."""
        self._look_up_after(_PAUSE)

    @on(Input.Submitted, "#wanted")
    def go_to_symbols(self) -> None:
        """Go on to what was found."""
        self.query_one("#found", Places).focus()

    @on(OptionList.OptionHighlighted, "#found")
    def describe_marked(self, marked: OptionList.OptionHighlighted) -> None:
        """Describe the symbol that is marked."""
        if marked.option_index < len(self._symbols):
            self._before.clear()
            self._describe(self._symbols[marked.option_index])

    @on(OptionList.OptionSelected, "#found")
    def go_to_description(self) -> None:
        """Go on to the description."""
        self.query_one("#described", Places).focus()

    @on(OptionList.OptionSelected, "#described")
    def go_to_place(self) -> None:
        """Describe the symbol of a row, or copy where it is."""
        place = self.query_one("#described", Places).place
        if place is None or not place.symbol:
            self.action_copy()
            return
        begin_alone("description", self, self._follow, place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave letters to the search while it has the cursor, and offer only what leads somewhere."""
        if action in ("copy", "look_up"):
            return not isinstance(self.focused, Input)
        return bool(self._before) and not isinstance(self.focused, Input) if action == "previous" else True

    def action_back(self) -> None:
        """Go back one list, and at last to the screen before."""
        match self.focused:
            case Places(id="described"):
                self.query_one("#found").focus()
            case Places():
                self.query_one("#wanted").focus()
            case _:
                self.dismiss()

    def action_look_up(self) -> None:
        """Type another name."""
        self.query_one("#wanted").focus()

    def action_copy(self) -> None:
        """Copy the marked place as `path:line`."""
        places = self.focused if isinstance(self.focused, Places) else self.query_one("#found", Places)
        if places.place is not None:
            location = line(places.place.location, 4096)
            self.app.copy_to_clipboard(location)
            self.notify(location, title="copied", markup=False)

    def action_previous(self) -> None:
        """Describe the symbol before this one."""
        self._describe(self._before.pop())
        self.refresh_bindings()

    def action_again(self) -> None:
        """Ask the index anew, and look for the daemon if it is away."""
        self._desk.feed.again()
        self._look_up_after(0.0)

    def _look_up_after(self, seconds: float) -> None:
        begin_alone("look up", self, self._look_up, seconds)

    def _title(self) -> Content:
        return content(f"Index of {self._desk.repository or self._desk.folder}")

    def _linked(self, state: LinkState) -> None:
        if state.link is Link.UP and not self._symbols:
            self.action_again()

    async def _look_up(self, after: float) -> None:
        await asyncio.sleep(after)
        client, root = self._desk.client, self._desk.repository
        if client is None or root is None:
            self._trouble(*(_RECORDED if client is None else _NO_REPOSITORY))
            return
        wanted = self.query_one("#wanted", Input).value.strip()
        asking = self.set_timer(_SOON, lambda: self._say("asking the index…"))
        try:
            if wanted:
                asked = await patiently(
                    lambda: symbols_like(client, root, wanted, _MOST, age=_AGE), self._say
                )
                self._show(list(asked), f"nothing is called {wanted!r}" if not asked else _KEYS)
            else:
                self._show([], standing(await client.index_status(str(root))))
        except RatchetError as error:
            self._trouble(error.message, error.hint)
        finally:
            asking.stop()

    def _show(self, symbols: list[IndexSymbol], said: str) -> None:
        self._symbols = symbols
        self.query_one("#found", Places).show(found(symbols))
        self._say(said)
        if not symbols:
            self._described = None
            self.query_one("#described", Places).show([])

    def _describe(self, one: IndexSymbol) -> None:
        begin_alone("description", self, self._described_by_index, one)

    async def _follow(self, place: Place) -> None:
        assert self._desk.client is not None and self._desk.repository is not None
        try:
            one = await symbol_at(self._desk.client, self._desk.repository, place.path, place.symbol)
        except RatchetError as error:
            self._trouble(error.message, error.hint)
            return
        if one is None:
            self._trouble(f"{place.symbol} is not in {place.path} any more", "Ctrl+R asks again")
        elif self._described is not None:
            self._before.append(self._described)
            await self._described_by_index(one)

    async def _described_by_index(self, one: IndexSymbol) -> None:
        assert self._desk.client is not None and self._desk.repository is not None
        self._described = one
        self.refresh_bindings()
        places = self.query_one("#described", Places)
        places.border_title = Content(line(one.symbol, 60))
        try:
            async for rows in described(self._desk.client, self._desk.repository, one, self._say):
                places.show(rows)
        except RatchetError as error:
            self._trouble(error.message, error.hint)

    def _say(self, sentence: str) -> None:
        self._standing(sentence, trouble=False)

    def _trouble(self, sentence: str, hint: str) -> None:
        self._standing(f"{sentence}: {hint}" if hint else sentence, trouble=True)

    def _standing(self, said: str, *, trouble: bool) -> None:
        shown = self.query_one("#standing", Static)
        shown.set_class(trouble, "-trouble")
        shown.update(content(line(said, 400)))
