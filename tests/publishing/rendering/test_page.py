"""Sections put together within a size."""

import pytest

from agent.publishing.rendering.page import counted, folded, listed, page


@pytest.mark.parametrize("size", range(80, 200))
def test_a_page_is_never_longer_than_its_limit_and_says_what_is_left_out(size: int) -> None:
    written = page(["é" * 20, "", "b" * 30, "c" * size, "d"], 200)
    assert len(written.encode()) <= 200
    assert ("left out here" in written) != ("d\n" in written)


def test_a_first_section_that_does_not_fit_leaves_the_reason_alone() -> None:
    assert page(["x" * 500, "y"], 100).startswith("_More is left out here")


def test_what_is_empty_is_not_there() -> None:
    assert page(["a", "", "b"]) == "a\n\nb\n" and folded("Nothing") == "" and listed((), str) == ""


def test_a_list_counts_what_it_does_not_show() -> None:
    assert listed(range(5), str, 3) == "- 0\n- 1\n- 2\n- and 2 more"
    assert [counted(1, "call"), counted(2, "call"), counted(0, "reply", "replies")] == [
        "1 call",
        "2 calls",
        "0 replies",
    ]
