"""The suspects of a recorded task, and of one whose source the daemon has."""

import asyncio

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from agent.client.client import Client
from agent.client.registration import Address
from agent.protocol.event import Event
from agent.protocol.progress import Progress
from agent.protocol.proposal import Suspect
from agent.protocol.task import TaskKind
from tests.daemon.daemon_process import DaemonProcess
from tests.lsp import history
from tests.tui.recorded import app_of, log
from tui.messages import OpenTask
from tui.panes.suspects.heat import heat_maps
from tui.panes.suspects.pane import SuspectsPane
from tui.panes.suspects.source import Shown, Source
from tui.panes.suspects.suspect_list import SuspectList
from tui.panes.suspects.text_lines import text_lines

HOSTILE = "a[bold\x1b]0;title\x07.py"
SUSPECTS = (
    Suspect(path="a.py", line=3, score=1.0, symbol="total", reason="run by 1 of 1 failing tests"),
    Suspect(path=HOSTILE, line=7, score=0.5, symbol="[red", reason="\x9b31m"),
)
DIFF = "--- a/a.py\n+++ b/a.py\n@@ -2,2 +2,2 @@\n before\n-wrong\n+right\n"
FIX = history.spec(TaskKind.FIX)


def recorded() -> list[Event]:
    told = history.patched(DIFF, "a.py"), history.verdict(fixed=("t",))
    return log("t", FIX, history.measured(), history.ranked(*SUSPECTS), *told[0], told[1])


def said(pane: SuspectsPane, name: str) -> str:
    return str(pane.query_one(f"#suspects-{name}", Static).content)


async def opened(pilot: Pilot[None], count: int) -> SuspectsPane:
    async with asyncio.timeout(60):
        while not pilot.app.screen.query(SuspectsPane):
            await pilot.pause(0.02)
        pane = pilot.app.screen.query_one(SuspectsPane)
        while pane.query_one(SuspectList).count != count:
            await pilot.pause(0.02)
    await pilot.pause()
    return pane


def painted(listing: SuspectList | Source) -> str:
    return "\n".join(listing.render_line(line).text.rstrip() for line in range(listing.size.height)).rstrip()


def test_suspects_are_walked_through_by_keys_and_say_why() -> None:
    async def doing() -> None:
        app = app_of(recorded(), first=OpenTask("t", "suspects"))
        async with app.run_test(size=(80, 24)) as pilot:
            pane = await opened(pilot, 2)
            suspects = pane.query_one(SuspectList)
            suspects.focus()
            await pilot.pause()
            assert "a.py:3 in total: run by 1 of 1" in said(pane, "head")
            assert "a recording holds none" in said(pane, "head")
            assert painted(suspects).splitlines()[0] == "▸  1 █ 1.00 ± a.py:3  total"
            assert "the proposal changes it" in said(pane, "head")
            assert painted(pane.query_one(Source)) == "     2          before\n▸    3 1.00 ██± wrong"

            await pilot.press("n")
            assert suspects.pointed == SUSPECTS[1]
            assert "\x1b" not in painted(suspects) and "a[bold\\x1b]0;title" in painted(suspects)
            await pilot.press("enter")
            assert app.focused is pane.query_one(Source)
            await pilot.press("escape", "a")
            assert "full check: 1 fixed" in said(pane, "tried") and pane.has_class("-trying")
            await pilot.press("escape")
            assert app.focused is suspects

    asyncio.run(doing())


def test_a_search_at_work_is_told_and_so_is_a_task_that_has_none() -> None:
    async def doing() -> None:
        ask = log("u", history.spec(TaskKind.ASK))
        app = app_of(log("t", FIX), ask, first=OpenTask("t", "suspects"))
        async with app.run_test(size=(80, 24)) as pilot:
            pane = await opened(pilot, 0)
            best = Progress(
                phase="search", candidates=90, candidates_per_second=300.4, best="2 of 3 tests pass"
            )
            pane.live(best)
            assert "search, 90 candidates (300/s), best: 2 of 3 tests pass" in said(pane, "head")
            pane.live(Progress(phase="model", text="not a word of this"))
            assert "search, 90" in said(pane, "head")
            app.post_message(OpenTask("u", "suspects"))
            while pane is app.screen.query_one(SuspectsPane) or "`ask`" not in said(
                app.screen.query_one(SuspectsPane), "head"
            ):
                await pilot.pause(0.02)

    asyncio.run(doing())


def test_a_source_that_the_daemon_has_not_is_told_with_the_way_on(scripted: DaemonProcess) -> None:
    async def find() -> Address:
        return Address(socket=scripted.registration["socket"])

    async def doing() -> None:
        app = app_of(recorded(), first=OpenTask("t", "suspects"))
        async with app.run_test(size=(80, 24)) as pilot, Client(find) as client:
            pane = await opened(pilot, 2)
            assert app.desk is not None
            app.desk.client = client
            pane.action_again()
            async with asyncio.timeout(60):
                while "Ctrl+R reads it again" not in said(pane, "head"):
                    await pilot.pause(0.02)
            assert painted(pane.query_one(Source)).endswith("▸    3 1.00 ██± wrong")

    asyncio.run(doing())


class OneFile(App[None]):
    """Shows a file."""

    def compose(self) -> ComposeResult:
        yield Source(id="source")


def test_heat_stays_in_sight_while_a_long_line_is_scrolled_to() -> None:
    async def doing() -> None:
        app = OneFile()
        async with app.run_test(size=(40, 5)) as pilot:
            text = b"def total(prices):\n" * 20 + b"    return '" + b"x" * 60 + "ü漢'\n".encode()
            lines = text_lines(text, "a.py")
            assert lines is not None
            source = app.query_one(Source)
            source.focus()
            heated = heat_maps([Suspect(path="a.py", line=21, score=0.9)])["a.py"]
            source.show(Shown(heated, lines), 21)
            await pilot.pause()
            assert painted(source).splitlines()[-1].startswith("▸   21 0.90 ██      return 'xxx")
            await pilot.press(*["right"] * 7)
            assert painted(source).splitlines()[-1].startswith("▸   21 0.90 ██  xxx")
            assert painted(source).endswith("xü漢'") and source.number == 21

    asyncio.run(doing())
