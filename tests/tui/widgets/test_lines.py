"""Output is kept line by line, however it is cut into pieces."""

import pytest

from tui.safe import shown
from tui.widgets.lines import Lines

PRINTED = "one\ntwo\r\n 10%\r 50%\r100%\n\nlast"


def read(lines: Lines) -> list[str]:
    return [lines[number] for number in range(len(lines))]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_lines_are_the_same_however_the_output_is_cut(size: int) -> None:
    lines = Lines()
    for start in range(0, len(PRINTED), size):
        lines.add(PRINTED[start : start + size])
    assert read(lines) == ["one", "two", "100%", "", "last"]
    assert lines.text(1, 3) == "two\n100%"


def test_the_oldest_lines_go_and_are_counted() -> None:
    lines = Lines(most=100)
    for number in range(250):
        lines.add(f"{number}\n")
    assert 90 <= len(lines) <= 100
    assert lines[len(lines) - 1] == "249"
    assert lines.dropped + len(lines) == 250 and lines[0] == str(lines.dropped)


def test_a_line_without_an_end_does_not_grow_for_ever() -> None:
    lines = Lines()
    for _ in range(1_000):
        lines.add("x" * 1_000)
    assert len(lines) == 1 and len(lines[0]) <= 4_000 and lines.width <= 2_000


def test_what_a_terminal_acts_on_is_harmless_even_where_it_was_cut() -> None:
    lines = Lines()
    for piece in ("\x1b", "]0;title", "\x07 \x9b", "31mred\n"):
        lines.add(piece)
    assert shown(lines[0]).isprintable()
