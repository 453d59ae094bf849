"""The work on a task, read and steered by keyboard alone."""

import asyncio
from collections.abc import Callable

from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from agent.protocol.conversation import Plan, PlanStep, StepStatus, ToolUse, Turn
from agent.protocol.event import Event, TurnTaken
from agent.protocol.model import Role
from agent.protocol.progress import Progress
from agent.protocol.task import TaskKind
from tests.lsp import history
from tests.tui.recorded import app_of, log
from tui.app import RatchetApp
from tui.feed.task_log import TaskLog
from tui.messages import OpenTask
from tui.panes.work.plan import PlanView
from tui.panes.work.transcript import Transcript
from tui.prompt.area import PromptArea

HOSTILE = "a\x1b]0;title\x07 [bold\u202e"
STEPS = (PlanStep(text="read", status=StepStatus.DONE), PlanStep(text=HOSTILE, status=StepStatus.DOING))


def recorded(*more: Event) -> list[Event]:
    use = ToolUse(id="1", name="run", arguments='{"command": "make"}', result=f"{HOSTILE}\n" * 50)
    turn = Turn(
        role=Role.EDIT, model="small", text=f"# I say\n\n{HOSTILE}", uses=(use,), plan=Plan(steps=STEPS)
    )
    spec = history.spec(TaskKind.DO, goal=HOSTILE, planner="small")
    return [*log("t", spec, history.snapshot(), ("turn:1", TurnTaken(turn=turn))), *more]


def painted(app: RatchetApp) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await pilot.pause(0.02)


async def opened(pilot: Pilot[None]) -> Transcript:
    await until(pilot, lambda: pilot.app.screen.query(Transcript))
    transcript = pilot.app.screen.query_one(Transcript)
    await until(pilot, lambda: transcript.rows.total and transcript.has_focus)
    await pilot.pause()
    return transcript


def test_a_task_is_read_folded_followed_and_left_by_keys() -> None:
    async def doing() -> None:
        app = app_of(recorded(), first=OpenTask("t"))
        async with app.run_test(size=(80, 24)) as pilot:
            transcript = await opened(pilot)
            seen = painted(app)
            assert "▶ do a\\x1b]0;title" in seen and "I say" in seen and "▸ » run make" in seen
            assert "plan 1/2 · now: a" in seen and "sandbox auto" in seen
            assert "\x1b" not in seen and "\u202e" not in seen

            await pilot.press("home", "n", "n", "n", "n", "enter")
            await pilot.pause()
            assert transcript.current is not None and transcript.current.entry.title == "run make"
            assert transcript.rows.total > 50 and "command: make" in painted(app)
            await pilot.press("u", "u")
            assert all(block.folded for block in transcript.rows.blocks if block.foldable)

            assert app.desk is not None
            printed = "".join(f"line {number}\n" for number in range(200))
            await pilot.press("end")
            app.desk.told.live("t", Progress(phase="verify", message="all tests", output=printed))
            await until(pilot, lambda: "line 199" in painted(app))
            assert "◐ verify  all tests" in painted(app)
            await pilot.press("pageup")
            app.desk.told.live("t", Progress(phase="verify", output="the last\n"))
            await until(pilot, lambda: transcript.rows.total > 205)
            assert "the last" not in painted(app)
            await pilot.press("f")
            await until(pilot, lambda: "the last" in painted(app))

            await pilot.press("i", "x")
            assert isinstance(app.focused, PromptArea) and app.focused.text == "x"
            await pilot.press("escape")
            assert transcript.has_focus
            await pilot.press("escape")
            await until(pilot, lambda: not app.screen.query(Transcript))

    asyncio.run(doing())


def test_of_what_many_steps_print_the_newest_is_kept() -> None:
    transcript, told = Transcript(), TaskLog("t")
    for event in log("t", history.spec(TaskKind.FIX), *[("step", history.snapshot()[1])] * 3):
        transcript.live(Progress(phase="verify", output="a line\n" * 60_000))
        told.add(event)
        transcript.show(told)
    printed = [one for one in transcript.recorded if one.entry.title == "the sandbox printed 60,000 lines"]
    assert [one.body_rows for one in printed] == [0, 0, 0, 60_000]
    assert [one.entry.note for one in printed] == ["no longer kept"] * 3 + [""]


def test_the_end_of_a_step_folds_what_was_printed_and_takes_back_what_was_said() -> None:
    async def doing() -> None:
        app = app_of(recorded(), first=OpenTask("t"))
        async with app.run_test(size=(120, 30)) as pilot:
            transcript = await opened(pilot)
            assert app.screen.query_one(PlanView).has_class("beside") and "● read" in painted(app)
            assert app.desk is not None
            app.desk.told.live("t", Progress(phase="model", text="I *think*"))
            app.desk.told.live("t", Progress(phase="model", output="printed\n"))
            await until(pilot, lambda: "I think" in painted(app) and "printed" in painted(app))

            before = app.desk.feed.log("t")
            assert before is not None
            before.add(Event(seq=4, task_id="t", step_key="end", recorded_at=0, body=history.finished()[1]))
            app.desk.told.changed(before)
            await until(pilot, lambda: transcript.rows.blocks[-1].entry.title == "verified")
            await pilot.pause()
            assert "✓ verified" in painted(app)
            titles = [block.entry.title for block in transcript.rows.blocks]
            assert titles[-2:] == ["the sandbox printed 1 line", "verified"]
            assert "I think" not in painted(app) and transcript.rows.blocks[-2].folded

            row = transcript.rows.top(0)
            picked = transcript.get_selection(Selection(Offset(0, row), Offset(8, row + 1)))
            assert picked is not None and picked[0].splitlines()[0].startswith("  ▶ do a")
            app.screen.selections = {transcript: Selection(Offset(2, row), Offset(6, row))}
            marked = next(iter(transcript.render_line(row - transcript.scroll_offset.y).crop(2, 6))).style
            assert marked is not None and marked.bgcolor not in (None, marked.color)
            assert marked.bgcolor != transcript.rich_style.bgcolor
            await pilot.resize_terminal(60, 24)
            await until(pilot, lambda: transcript.virtual_size.width == 59)
            assert not app.screen.query_one(PlanView).has_class("beside")

    asyncio.run(doing())
