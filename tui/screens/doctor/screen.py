"""The doctor: what works here, and what to do about what does not."""

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from agent.protocol.errors import RatchetError
from tui.background import begin_alone
from tui.desk import Desk
from tui.safe import content
from tui.screens.doctor.examination import examine
from tui.screens.doctor.report import Finding, Level, Report

_SIGNS = {
    Level.OK: ("✓ fine", "$text-success"),
    Level.WARN: ("! look", "$text-warning"),
    Level.FAIL: ("✗ fails", "$text-error bold"),
}
_LOOKING = "looking at this machine, which takes some seconds…"
_ASKING = "asking each configured model, for some hundred tokens…"


class DoctorScreen(Screen[None]):
    """Examines when it is shown and whenever it is asked to; needs no daemon."""

    CSS_PATH = "doctor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "examine", "Again"),
        Binding("m", "examine('--models')", "Ask the models"),
        Binding("c", "copy", "Copy remedy"),
        Binding("escape", "app.pop_screen", "Back"),
    ]

    def __init__(self, desk: Desk, about: str = "") -> None:
        """Make one; `about` is `models` to begin with asking those."""
        super().__init__()
        self._desk = desk
        self._about = about
        self._found: tuple[Finding, ...] = ()
        self._seconds = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def compose(self) -> ComposeResult:
        """Lay out what is found."""
        yield Static("Doctor", id="title", markup=False)
        yield Static("", id="sentence", markup=False)
        yield Static("", id="obstacle", markup=False)
        yield OptionList(id="findings", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Examine once; count the seconds of it."""
        self._clock = self.set_interval(1, self._tick, pause=True)
        self.action_examine(*(["--models"] if self._about == "models" else []))

    async def on_unmount(self) -> None:
        """Leave when what was begun has ended."""
        self.workers.cancel_node(self)
        await self._is_idle.wait()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Copy only where there is something to copy."""
        return True if action != "copy" or self._remedy else None

    def on_option_list_option_highlighted(self) -> None:
        """Offer what can be done about this one."""
        self.refresh_bindings()

    def action_examine(self, *options: str) -> None:
        """Look again, or ask the models."""
        self._doing, self._seconds = _ASKING if options else _LOOKING, 0
        self._say(self._doing)
        self.query_one("#findings", OptionList).loading = True
        self._clock.reset()
        self._clock.resume()
        begin_alone("default", self, self._examine, *options)

    def action_copy(self) -> None:
        """Copy what to do about the finding."""
        self.app.copy_to_clipboard(self._remedy)
        self.app.notify("copied", markup=False)

    async def _examine(self, *options: str) -> None:
        await self._is_idle.wait()
        self._is_idle.clear()
        try:
            report = await examine(*options)
        except RatchetError as error:
            self._show(Report(findings=()))
            self._say(f"{error.message}\n{error.hint}")
        else:
            self._show(report)
            self._say(report.sentence)
        finally:
            self._is_idle.set()

    def _show(self, report: Report) -> None:
        self._clock.pause()
        self._found = report.worst_first
        findings = self.query_one("#findings", OptionList)
        findings.loading = False
        findings.set_options(Option(_content(one)) for one in self._found)
        findings.highlighted = 0 if self._found else None
        findings.focus()
        obstacle = self.query_one("#obstacle", Static)
        said = _obstacle(report)
        obstacle.display = bool(said)
        obstacle.update(content(said))

    def _say(self, sentence: str) -> None:
        self.query_one("#sentence", Static).update(content(sentence))

    def _tick(self) -> None:
        self._seconds += 1
        self._say(f"{self._doing} {self._seconds} s")

    @property
    def _remedy(self) -> str:
        highlighted = self.query_one("#findings", OptionList).highlighted
        return self._found[highlighted].remedy if highlighted is not None and self._found else ""


def _content(finding: Finding) -> Content:
    word, style = _SIGNS[finding.level]
    said = [Content.styled(f"{word:8}", style), content(f"{finding.name}: ", "bold"), content(finding.detail)]
    if finding.remedy:
        said += [Content("\n        → "), content(finding.remedy, "italic")]
    return Content("").join(said)


def _obstacle(report: Report) -> str:
    """Say what keeps tasks from running here at all, and what to do, empty when nothing does."""
    if not report.sandbox_works:
        finding = report.finding("sandbox")
        remedy = finding.remedy if finding else "Install docker.io or bubblewrap."
        return f"✗ No task can run a test here: nothing isolates its code.\n  {remedy} Then press r."
    if not report.model_works:
        return (
            "! No model works: fix and verify do without one; do, ask and review need one.\n"
            "  F4 opens the settings, where n adds a model."
        )
    return ""
