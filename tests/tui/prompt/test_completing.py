"""Completion begins where something that has a name is being written, and nowhere else."""

import pytest

from tui.prompt.completing import Sort, Wanted, wanted


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/", Wanted(Sort.COMMAND, "", 0)),
        ("/fi", Wanted(Sort.COMMAND, "fi", 0)),
        ("/cancel 2026", Wanted(Sort.TASK, "2026", 8)),
        ("/model ", Wanted(Sort.MODEL, "", 7)),
        ("@", Wanted(Sort.MENTION, "", 0)),
        ("look at @shop/c", Wanted(Sort.MENTION, "shop/c", 8)),
        ("/fix @tests/te", Wanted(Sort.MENTION, "tests/te", 5)),
        ("(@Cart.tot", Wanted(Sort.MENTION, "Cart.tot", 1)),
        ("@shop/cart.py::to", Wanted(Sort.MENTION, "shop/cart.py::to", 0)),
        ("/fix tests", Wanted(Sort.USAGE, "fix", 0)),
        ("ann@example", None),
        ("@done ", None),
        ("/usr/lib", None),
        ("plain words", None),
        ("", None),
    ],
)
def test_what_is_being_written_is_recognized_up_to_the_cursor(line: str, expected: Wanted | None) -> None:
    assert wanted(line, first=True) == expected


def test_a_command_stands_in_the_first_line_only() -> None:
    assert wanted("/fi", first=False) is None
    assert wanted("see @shop", first=False) == Wanted(Sort.MENTION, "shop", 4)
