"""A transcript is read up and down without a gap, though most of it was never laid out."""

import asyncio
import re
from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult

from tests.tui.safe.payloads import payloads
from tui.widgets.block import Block
from tui.widgets.entry import Entry, Form
from tui.widgets.roll import Roll

TURNS = 60
_NUMBER = re.compile(r"word(\d+)\.(\d+)")


class Reading(App[None]):
    def compose(self) -> ComposeResult:
        yield Roll()


def turn(number: int) -> Block:
    # Of four lines some, by their length, take one row and some take three.
    lines = [f"word{number}.{line} " + "long " * (40 * ((number + line) % 3 == 0)) for line in range(4)]
    return Block(Entry(f"turn {number}", body="\n\n".join(lines), form=Form.MARKDOWN))


def seen(roll: Roll) -> list[tuple[int, int]]:
    rows = "\n".join(roll.render_line(y).text for y in range(roll.size.height))
    return [(int(turn), int(line)) for turn, line in _NUMBER.findall(rows)]


def read(roll: Roll, to: Callable[..., None]) -> list[list[tuple[int, int]]]:
    """Return the pages, turned faster than anything could be measured ahead."""
    pages = [seen(roll)]
    while True:
        before = roll.scroll_offset.y
        to(animate=False)
        if roll.scroll_offset.y == before:
            return pages
        pages.append(seen(roll))


def test_nothing_is_passed_over_and_nothing_is_seen_in_another_order() -> None:
    async def doing() -> None:
        app = Reading()
        async with app.run_test(size=(70, 14)) as pilot:
            roll = app.query_one(Roll)
            roll.put(0, [turn(number) for number in range(TURNS)])
            roll.focus()
            await pilot.pause()
            expected = [(number, line) for number in range(TURNS) for line in range(4)]
            assert seen(roll)[-1] == expected[-1]

            up = read(roll, roll.scroll_page_up)
            assert [one for page in reversed(up) for one in page if one] == sorted(
                one for page in up for one in page
            )
            assert sorted({one for page in up for one in page}) == expected

            down = read(roll, roll.scroll_page_down)
            assert sorted({one for page in down for one in page}) == expected

    asyncio.run(doing())


def test_what_is_read_stays_where_it_is_while_more_comes() -> None:
    async def doing() -> None:
        app = Reading()
        async with app.run_test(size=(70, 14)) as pilot:
            roll = app.query_one(Roll)
            roll.put(0, [turn(number) for number in range(20)])
            roll.focus()
            await pilot.pause()
            await pilot.press("pageup", "pageup")
            await pilot.pause()
            before = seen(roll)
            roll.put(20, [turn(20)])
            await pilot.pause()
            assert seen(roll) == before
            await pilot.press("end")
            await pilot.pause()
            assert seen(roll)[-1] == (20, 3)
            roll.put(21, [turn(21)])
            await pilot.pause()
            assert seen(roll)[-1] == (21, 3)

    asyncio.run(doing())


REFERENCES = [
    "&#27;]0;t&#7;",
    "&#x202e;evil",
    "&#155;31m",
    "[a&#27;](b&#27;c)",
    "![a&#27;c](b)",
    "<&#27;[2J>",
]


@pytest.mark.parametrize(
    "texts", [REFERENCES, payloads()[::12], pytest.param(payloads(), marks=pytest.mark.long)]
)
def test_no_payload_reaches_a_row_in_any_form(texts: list[str]) -> None:
    async def doing() -> None:
        app = Reading()
        async with app.run_test(size=(70, 14)):
            roll = app.query_one(Roll)
            roll.put(
                0,
                [
                    Block(
                        Entry(text, text[:1] or "x", note=text, body=f"{text}\n- {text}\n`{text}`", form=form)
                    )
                    for text in texts
                    for form in Form
                ],
            )
            roll.focus()
            roll.scroll_to(y=0)
            rows = 0
            while rows < roll.rows.total:
                for y in range(roll.size.height):
                    strip = roll.render_line(y)
                    assert strip.text.isprintable(), strip.text
                    assert all(one.style is None or one.style.link is None for one in strip)
                rows = roll.scroll_offset.y + roll.size.height
                roll.scroll_page_down(animate=False)

    asyncio.run(doing())
