"""The verdict pane of a recorded task, by keyboard alone."""

import asyncio
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from agent.protocol.event import Event
from agent.protocol.task import TaskKind
from tests.lsp import history
from tests.tui.recorded import app_of, log
from tui.messages import OpenTask
from tui.panes.verdict.matrix import Matrix
from tui.panes.verdict.pane import VerdictPane
from tui.panes.verdict.row import Kind, Row

HOSTILE = "test_a.py::test_[bold\x1b]0;title\x07\u202e"
FIX = history.spec(TaskKind.FIX)


def recorded(tests: int) -> list[Event]:
    base = [history.failed("test_a.py::test_bad", history.at("a.py", 3)), history.failed(HOSTILE)]
    base += [history.passed(f"test_b.py::test_{number}") for number in range(tests)]
    worse = history.verdict(seq=1, broken=("test_b.py::test_1", "test_b.py::test_2"))
    said = history.verdict(
        seq=2, fixed=("test_a.py::test_bad", HOSTILE), broken=("test_b.py::test_0",), passed=tests - 1
    )
    return log(
        "t",
        FIX,
        history.measured(*base),
        *history.patched("", "a.py"),
        worse,
        *history.patched("", "a.py"),
        said,
    )


async def opened(pilot: Pilot[None]) -> VerdictPane:
    async with asyncio.timeout(60):
        while not pilot.app.screen.query(VerdictPane):
            await pilot.pause(0.02)
        pane = pilot.app.screen.query_one(VerdictPane)
        while not pane.query_one(Matrix).count:
            await pilot.pause(0.02)
    pane.query_one(Matrix).focus()
    await pilot.pause()
    return pane


def said(pane: VerdictPane, name: str) -> str:
    return str(pane.query_one(f"#verdict-{name}", Static).content)


def painted(matrix: Matrix) -> list[str]:
    return [matrix.render_line(line).text.strip() for line in range(matrix.size.height)]


def test_the_matrix_is_read_filtered_and_searched_by_keys() -> None:
    async def doing() -> None:
        app = app_of(recorded(60), first=OpenTask("t", "verdict"))
        async with app.run_test(size=(80, 24)) as pilot:
            pane = await opened(pilot)
            matrix = pane.query_one(Matrix)
            assert "1 test broken" in said(pane, "standing")
            assert painted(matrix)[0].split() == [
                "▸✗",
                "broken",
                "passed",
                "→",
                "failed",
                "test_b.py::test_0",
            ]

            await pilot.press("left_square_bracket")
            assert "another proposal · round 1" in said(pane, "standing") and "broken 2" in said(
                pane, "chips"
            )
            await pilot.press("right_square_bracket")
            assert "round 2" in said(pane, "standing")

            await pilot.press("f")
            assert [row for row in painted(matrix) if row][1:] == []
            await pilot.press("f", "down")
            assert "\x1b" not in "".join(painted(matrix)) and "\u202e" not in "".join(painted(matrix))
            assert "test_[bold" in said(pane, "chips") + "".join(painted(matrix))

            await pilot.press("enter")
            assert pane.has_class("-reading") and "it failed without the change" in said(pane, "read")
            await pilot.press("escape", "escape")
            assert matrix.count == 62 and app.focused is matrix

            await pilot.press("slash", *"59", "enter")
            assert matrix.count == 1 and app.focused is matrix
            await pilot.press("escape", "slash", *"zz", "enter")
            assert "no row holds that" in said(pane, "read")

    asyncio.run(doing())


def test_a_task_without_a_verdict_says_why() -> None:
    async def doing() -> None:
        app = app_of(log("t", FIX, history.snapshot()), first=OpenTask("t", "verdict"))
        async with app.run_test(size=(80, 24)) as pilot:
            while not pilot.app.screen.query(VerdictPane):
                await pilot.pause(0.02)
            pane = app.screen.query_one(VerdictPane)
            while "about to run" not in said(pane, "standing"):
                await pilot.pause(0.02)
            assert app.focused is pane.query_one(Matrix)

    asyncio.run(doing())


class Counted(list[Row]):
    """Rows that count how often one of them is looked at."""

    asked = 0

    def __getitem__(self, place: Any) -> Any:
        self.asked += 1
        return super().__getitem__(place)


def test_of_ten_thousand_tests_only_those_that_are_seen_are_painted() -> None:
    async def doing() -> int:
        app = app_of(recorded(10_000), first=OpenTask("t", "verdict"))
        async with app.run_test(size=(80, 24)) as pilot:
            matrix = (await opened(pilot)).query_one(Matrix)
            assert matrix.count == 10_002
            rows = Counted([Row(Kind.PASSED, f"test_{number}") for number in range(10_000)])
            matrix.show(rows)
            rows.asked = 0
            await pilot.press("end", "home", "pagedown", "down", "up")
            return rows.asked

    assert asyncio.run(doing()) < 500
