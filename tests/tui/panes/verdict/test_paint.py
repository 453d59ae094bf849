"""Whatever others wrote into a row, it is painted on one harmless line."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.panes.verdict.detail import detail
from tui.panes.verdict.paint import chips, detail_content, row_content, standing_content
from tui.panes.verdict.row import Kind, Row
from tui.panes.verdict.standing import Standing

TEXTS = st.text() | st.sampled_from(
    ["\x1b]52;c;eA==\x07", "[/bold", "\u202e漢字" * 30, "a\r\nb\tc", "\x9b31m"]
)


def harmless(text: str, also: str = "") -> bool:
    return all(one in also or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in text)


@given(kind=st.sampled_from(Kind), name=TEXTS, message=TEXTS, width=st.integers(60, 200))
def test_a_row_fits_the_width_and_holds_nothing_that_a_terminal_acts_on(
    kind: Kind, name: str, message: str, width: int
) -> None:
    row = Row(kind, name, "passed", "failed", message=message, details=message)
    painted = row_content(row, width).plain
    assert harmless(painted) and cell_len(painted) <= width
    assert harmless(detail_content(detail(row)).plain, "\n\t")


@given(word=TEXTS, said=TEXTS)
def test_a_standing_is_harmless(word: str, said: str) -> None:
    stood = Standing(word, None, (said,), said, said, (said,), (said,), (said,))
    assert harmless(standing_content(stood).plain, "\n\t")
    assert harmless(chips([(None, 1), (Kind.NOTE, 1)], None, said).plain)


def test_of_a_name_that_is_too_long_the_end_is_kept() -> None:
    painted = row_content(Row(Kind.BROKEN, "tests/" + "deep/" * 30 + "test_a.py::test_b"), 60).plain
    assert painted.endswith("deep/test_a.py::test_b") and "…" in painted
