"""The modal in which a model is named that the file has none of."""

import re
from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from agent.config import UserConfig, user_file
from agent.protocol.errors import UsageError
from agent.untrusted.redact import redact
from tui.safe import content
from tui.screens.settings.file import change

_ASKED = {
    "name": "a name of your own for it, e.g. small",
    "base_url": "where it is reached, e.g. http://localhost:11434/v1",
    "model": "what it is called there",
    "key": "env:VARIABLE or keyring:SERVICE; empty where none is wanted",
}
_NEEDED = ("base_url", "model")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


class NewModel(ModalScreen[UserConfig | None]):
    """Asks for what a model cannot do without; all else is a setting."""

    CSS_PATH = "editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save"),
        Binding("escape", "dismiss(None)", "Leave"),
    ]

    def __init__(self, known: Collection[str]) -> None:
        super().__init__()
        self._known = known

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        with Vertical(id="editor") as frame:
            frame.border_title = "A model of any endpoint that speaks OpenAI's protocol"
            for name, placeholder in _ASKED.items():
                yield Static(name, markup=False)
                yield Input(id=name, placeholder=placeholder, compact=True)
            yield Static("", id="refusal", markup=False)
            yield Footer(show_command_palette=False)

    def action_save(self) -> None:
        """Write the model, if it can be one."""
        try:
            user = self._written({name: self.query_one(f"#{name}", Input).value.strip() for name in _ASKED})
        except UsageError as error:
            said = f"✗ {error.message}" + (f"\n{error.hint}" if error.hint else "") + "\nNothing was written."
            self.query_one("#refusal", Static).update(content(said))
        else:
            self.dismiss(user)

    @on(Input.Submitted)
    def _next(self, submitted: Input.Submitted) -> None:
        if submitted.input.id == "key":
            self.action_save()
        else:
            self.focus_next()

    def _written(self, given: dict[str, str]) -> UserConfig:
        name = given.pop("name")
        if not _NAME.fullmatch(name):
            raise UsageError("a name is made of letters, digits, - and _")
        if name in self._known:
            raise UsageError(f"there is a model {name} already")
        if missing := [one for one in _NEEDED if not given[one]]:
            raise UsageError(f"a model needs its {' and its '.join(missing)}")
        if any(redact(value).kinds for value in given.values()):
            raise UsageError(
                "that looks like a secret, and this file is no place for one",
                hint="put it into the environment or the keyring and write env:NAME or keyring:SERVICE",
            )
        return change(user_file(), {("models", name, key): value for key, value in given.items() if value})
