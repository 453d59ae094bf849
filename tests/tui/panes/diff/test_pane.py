"""The diff pane: hunks are dropped and kept by keys, and what is left is unverified until it is measured."""

import asyncio

import pytest

from agent.patches.hunks import Part
from agent.protocol.event import TaskFinished
from agent.protocol.task import TaskKind
from tests.lsp.history import delivered, finished, measured, patched, snapshot, spec, verdict
from tests.tui.panes.diff.diffs import MOVED, PLACES
from tests.tui.panes.diff.screen import banner, opened, seen, until
from tests.tui.recorded import app_of, log
from tui.messages import OpenTask
from tui.panes.diff.files import FileList
from tui.panes.diff.pane import DiffPane
from tui.panes.diff.view import DiffView

_HOSTILE = PLACES.replace("    gone", "\t\x1b[31m[bold]\x1b]0;title\x07\u202egone")
_TOLD = (snapshot(), measured(), *patched(_HOSTILE + MOVED, "stack.py"), verdict(fixed=("t::a",), passed=41))


def test_a_hunk_that_is_dropped_makes_the_rest_unverified_until_it_is_kept_again() -> None:
    async def doing() -> None:
        fix = log("t1", spec(TaskKind.FIX), *_TOLD, delivered(), finished())
        app = app_of(fix, first=OpenTask("t1", "diff"))
        async with app.run_test(size=(80, 24)) as pilot:
            pane = await opened(pilot)
            assert "✓ proven: tree dddddddddddd, 1 fixed, 41 passed" in banner(app)
            assert "on branch ratchet/t" in banner(app) and "a recording" in banner(app)
            lines = seen(app)
            assert "▌ 3    -     \\x1b[31m[bold]\\x1b]0;title\\x07\\u202egone" in lines
            assert " ✓ kept    @@ -20 +19,2 @@ def last():" in lines
            await pilot.press("n", "space")
            assert "! unverified: 1 of 4 hunks is dropped" in banner(app)
            assert "▌✗ dropped @@ -20 +19,2 @@ def last():" in seen(app)
            assert pane.query_one(DiffView).current == Part(0, 1)
            await pilot.press("y")
            assert "+more" not in app.clipboard and app.clipboard.startswith("diff --git a/stack.py")
            await pilot.press("x")
            assert "proven" in banner(app), "all of the file is kept again"
            await pilot.press("x")
            assert "unverified: 2 of 4" in banner(app)
            app.post_message(OpenTask("t1", "diff"))
            await until(
                pilot, lambda: app.screen.query(DiffView) and app.screen.query_one(DiffPane) is not pane
            )
            pane = await opened(pilot)
            assert "unverified: 2 of 4" in banner(app), "it is as it was left"
            await until(pilot, lambda: pane.query_one(DiffView).current == Part(0, 1))
            await pilot.press("u")
            assert "proven" in banner(app)
            assert pane.check_action("apply", ()) is None, "nothing can be applied from a recording"

    asyncio.run(doing())


def test_files_are_gone_to_and_texts_lie_side_by_side_where_there_is_room() -> None:
    async def doing() -> None:
        fix = log("t1", spec(TaskKind.FIX), *_TOLD, delivered(), finished())
        app = app_of(fix, first=OpenTask("t1", "diff"))
        async with app.run_test(size=(130, 30)) as pilot:
            pane = await opened(pilot)
            view = pane.query_one(DiffView)
            await pilot.press("s")
            assert not view.split, "98 columns are not enough beside the files"
            await pilot.press("f")
            await pilot.pause()
            assert view.split
            assert any("- was" in one and "│ 1 + is" in one for one in seen(app))
            await pilot.press("f", "down", "enter")
            assert view.current is not None and view.current.file == 1 and view.has_focus
            assert "+1 -1 new.txt" in "\n".join(seen(app)) and pane.query_one(FileList).display

    asyncio.run(doing())


@pytest.mark.long
def test_what_cannot_be_divided_or_is_not_there_is_said_instead() -> None:
    async def doing() -> None:
        odd = log("t1", spec(TaskKind.VERIFY, patch="no diff\n"))
        none = log(
            "t2", spec(TaskKind.FIX), ("finish", TaskFinished(outcome="no_patch", reason="none found"))
        )
        app = app_of(odd, none, first=OpenTask("t1", "diff"))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.screen.query(DiffView) and "belongs to no file" in banner(app))
            app.screen.query_one(DiffView).focus()
            await pilot.press("y")
            assert app.clipboard == "no diff\n"
            app.post_message(OpenTask("t2", "diff"))
            await until(pilot, lambda: app.screen.query(DiffView) and "none found" in banner(app))
            assert not app.screen.query_one(DiffView).region

    asyncio.run(doing())
