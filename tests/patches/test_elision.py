"""Lines that stand for other lines are known, and ordinary ones are left alone."""

import pytest

from agent.patches.elision import elided_line, stands_for_lines

ELIDED = (
    *(
        "# ... existing code ...",
        "    // ... rest of the methods",
        "/* ... unchanged ... */",
        "# … other imports",
    ),
    *("# rest of the code ...", "<!-- ... existing lines ... -->", "# remaining functions unchanged code..."),
)
PLAIN = (
    "# Wait for the other side...",
    "x[...]",
    "    ...",
    "# see the rest",
    "print('...')",
    "# loading...",
    "...",
)


@pytest.mark.parametrize("line", ELIDED)
def test_a_comment_that_leaves_lines_out_is_known(line: str) -> None:
    assert elided_line([line], [], "a.py") == line
    assert elided_line([line], [f"  {line}"], "a.py") == ""
    assert stands_for_lines(line)


@pytest.mark.parametrize("line", PLAIN)
def test_ordinary_lines_are_left_alone(line: str) -> None:
    assert elided_line([line], [], "a.py") == ""


def test_dots_alone_leave_lines_out_where_they_are_no_statement() -> None:
    assert elided_line(["  ..."], [], "a.ts") == "  ..."
    assert stands_for_lines("...")
