"""A page is painted whole, however narrow the terminal is."""

import asyncio

from textual.app import App, ComposeResult

from tui.approvals.page import Row, Tone
from tui.approvals.page_view import PageView

TEXT = "".join(f"{number:04}" for number in range(300)) + "日本語" * 40 + "end"
ROWS = (
    Row("a heading of ours", Tone.STRONG),
    Row(TEXT, Tone.QUOTED),
    Row("", Tone.PLAIN),
    Row("+last", Tone.ADDED),
)


class OnePage(App[None]):
    def compose(self) -> ComposeResult:
        yield PageView()


def painted(view: PageView) -> str:
    """Return what somebody reads who scrolls from the top to the end."""
    read = []
    for line in range(view.seen[1]):
        view.scroll_to(y=line, animate=False, immediate=True, force=True)
        top = round(view.scroll_offset.y)
        read.append(view.render_line(line - top).crop(0, view.scrollable_content_region.width).text)
    return "".join(one.removeprefix("│ ").rstrip() for one in read)


def test_every_character_of_a_page_can_be_read_at_any_size_and_after_a_resize() -> None:
    async def doing() -> None:
        async with OnePage().run_test(size=(40, 10)) as pilot:
            view = pilot.app.query_one(PageView)
            for size in ((40, 10), (12, 5), (90, 200), (33, 8)):
                await pilot.resize_terminal(*size)
                view.show(ROWS)
                await pilot.pause()
                assert painted(view) == "a heading of ours" + TEXT + "+last" or size[0] == 12
                assert TEXT in painted(view)

    asyncio.run(doing())
