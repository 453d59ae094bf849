"""Rows are found by arithmetic, not by laying out what is not seen."""

from tui.widgets.block import Block
from tui.widgets.entry import Entry, Form
from tui.widgets.rows import Rows


def lines(count: int, *, folded: bool = False) -> Block:
    return Block(Entry("output", body="x\n" * count, form=Form.LINES, folded=folded))


def test_each_row_belongs_to_the_block_around_it() -> None:
    rows = Rows()
    rows.put(0, [Block(Entry("a head alone")), lines(3), lines(5, folded=True), lines(1)])
    assert rows.total == 1 + (1 + 3 + 1) + 1 + (1 + 1 + 1)
    assert [rows.at(row) for row in range(rows.total)] == [0, 1, 1, 1, 1, 1, 2, 3, 3, 3]
    assert [rows.top(number) for number in range(4)] == [0, 1, 6, 7]
    assert list(rows.seen(5, 1)) == [1, 2]


def test_blocks_are_put_in_place_of_those_from_one_on() -> None:
    rows = Rows()
    rows.put(0, [lines(2), lines(2)])
    rows.put(1, [lines(1), Block(Entry("last"))])
    assert [rows.top(number) for number in range(3)] == [0, 4, 7] and rows.total == 8
    rows.put(0, [])
    assert rows.total == 0


def test_a_body_that_is_wrapped_is_a_guess_until_it_is_measured() -> None:
    rows = Rows()
    told, after = Block(Entry("says", body="a\nb")), lines(1)
    rows.put(0, [told, after])
    assert rows.guessed(range(2)) == [0] and rows.top(1) == 4
    assert rows.measured(0, 7) == 5
    assert rows.guessed(range(2)) == [] and rows.top(1) == 9


def test_a_hundred_thousand_lines_are_one_block() -> None:
    rows = Rows()
    rows.put(0, [lines(100_000)])
    assert rows.total == 100_002 and rows.at(77_777) == 0
