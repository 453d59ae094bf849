"""The settings: what holds here, why, and what to change."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from agent.config import UserConfig, user_file
from agent.protocol.errors import UsageError
from tui.desk import Desk
from tui.messages import Trouble
from tui.safe import content, line
from tui.screens.settings.editor import Editor
from tui.screens.settings.file import change
from tui.screens.settings.kinds import Toml
from tui.screens.settings.new_model import NewModel
from tui.screens.settings.schema import Path
from tui.screens.settings.settings import Setting, settings
from tui.screens.tasks.confirm import Confirm

_NAME_WIDTH = 22
_VALUE_WIDTH = 36


class SettingsScreen(Screen[None]):
    """Reads the files whenever it is shown or asked to, and writes only what the schema allows."""

    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Change"),
        Binding("u", "unset", "Unset"),
        Binding("n", "new_model", "New model"),
        Binding("x", "remove_model", "Remove model"),
        Binding("slash", "find", "Find"),
        Binding("r", "reload", "Read again"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, desk: Desk, wanted: str = "") -> None:
        """Make one; `wanted` is what its rows have to contain to begin with, as in `models`."""
        super().__init__()
        self._desk = desk
        self._wanted = wanted
        self._settings: dict[str, Setting] = {}

    def compose(self) -> ComposeResult:
        """Lay out the list, and what is said about the row that is looked at."""
        yield Static(content(f"Settings · {user_file()}"), id="title", markup=False)
        yield Input(self._wanted, id="wanted", placeholder="part of a name", compact=True)
        yield OptionList(id="settings", markup=False)
        yield Static("", id="about", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Read the files."""
        self.query_one("#wanted", Input).display = bool(self._wanted)
        self.set_focus(self.query_one(OptionList))
        self.action_reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the row that is looked at allows."""
        looked_at = self._looked_at
        match action:
            case "edit" | "unset":
                return (
                    True
                    if looked_at is not None and (action == "edit" or looked_at.given is not None)
                    else None
                )
            case "remove_model":
                return looked_at is not None and looked_at.field.path[0] == "models"
        return True

    def action_reload(self) -> None:
        """Read the files again."""
        try:
            read = settings()
        except UsageError as error:
            self._settings = {}
            self._fill()
            self._say(
                content(
                    f"✗ {error.message}\n{error.hint}\nPut that right in an editor, then press r.",
                    "$text-error",
                )
            )
            return
        self._settings = {".".join(one.field.path): one for one in read}
        self._fill()

    def action_edit(self) -> None:
        """Change the value of the row."""
        if (setting := self._looked_at) is not None:
            themes = (
                tuple(sorted(self.app.available_themes)) if setting.field.path == ("tui", "theme") else ()
            )
            self.app.push_screen(Editor(setting, themes), self._changed)

    def action_unset(self) -> None:
        """Take the key out of the file, so that the default holds."""
        if (setting := self._looked_at) is not None:
            self._write({setting.field.path: None})

    def action_new_model(self) -> None:
        """Name a model and where it is reached."""
        known = {one.field.path[1] for one in self._settings.values() if one.field.path[0] == "models"}
        self.app.push_screen(NewModel(known), self._changed)

    def action_remove_model(self) -> None:
        """Take the model of the row out of the file, with all that is said about it."""
        if (setting := self._looked_at) is not None:
            section = setting.field.path[:2]
            about = (f"[{'.'.join(section)}] of {user_file()}", "with its comments")
            self.app.push_screen(
                Confirm("Remove this model?", about),
                lambda sure: self._write({section: None}) if sure else None,
            )

    def action_find(self) -> None:
        """Show only rows that contain a text."""
        wanted = self.query_one("#wanted", Input)
        wanted.display = True
        # At once: the next key is for it.
        self.set_focus(wanted)

    def action_leave(self) -> None:
        """Show all rows again, or leave."""
        wanted = self.query_one("#wanted", Input)
        if not wanted.display:
            self.app.pop_screen()
            return
        wanted.value, wanted.display = "", False
        self.set_focus(self.query_one(OptionList))

    @on(Input.Changed, "#wanted")
    def _sift(self) -> None:
        self._fill()

    @on(Input.Submitted, "#wanted")
    def _found(self) -> None:
        self.set_focus(self.query_one(OptionList))

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_edit()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._tell()

    @property
    def _looked_at(self) -> Setting | None:
        rows = next(iter(self.query(OptionList)), None)
        if rows is None or rows.highlighted is None:
            return None
        return self._settings.get(rows.get_option_at_index(rows.highlighted).id or "")

    def _write(self, values: dict[Path, Toml | None]) -> None:
        try:
            self._changed(change(user_file(), values))
        except UsageError as error:
            self.app.post_message(Trouble(error.message, error.hint or "nothing was written"))

    def _changed(self, user: UserConfig | None) -> None:
        if user is None:
            return
        self._desk.settings = user
        if user.tui.theme in self.app.available_themes and not self.app.no_color:
            self.app.theme = user.tui.theme
        self.app.notify(line(f"written to {user_file()}"), markup=False)
        self.action_reload()

    def _fill(self) -> None:
        chosen = self._looked_at
        wanted = self.query_one("#wanted", Input).value.casefold()
        shown = {key: one for key, one in self._settings.items() if wanted in key.casefold()}
        rows = self.query_one(OptionList)
        rows.set_options(_options(shown))
        same = ".".join(chosen.field.path) if chosen is not None else ""
        if shown:
            rows.highlighted = rows.get_option_index(same if same in shown else next(iter(shown)))
        self._tell()

    def _tell(self) -> None:
        setting = self._looked_at
        self.refresh_bindings()
        if setting is not None:
            self._say(content("\n".join(setting.explained())))
        elif self._settings:
            self._say(Content("no setting has that in its name; Escape shows all"))

    def _say(self, said: Content) -> None:
        self.query_one("#about", Static).update(said)


def _options(shown: dict[str, Setting]) -> Iterator[Option]:
    section: Path = ()
    for key, setting in shown.items():
        if setting.field.section != section:
            section = setting.field.section
            yield Option(content(f"[{'.'.join(section)}]", "bold"), disabled=True)
        yield Option(_row(setting), id=key)


def _row(setting: Setting) -> Content:
    name = line(setting.field.name, _NAME_WIDTH).ljust(_NAME_WIDTH)
    value = line(setting.value, _VALUE_WIDTH).ljust(_VALUE_WIDTH)
    style = "" if setting.given is None else "bold"
    return Content("  ").join(
        [content(f" {name}"), content(value, style), content(setting.origin, "$text-muted")]
    )
