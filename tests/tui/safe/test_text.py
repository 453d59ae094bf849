"""Outside text is harmless on its way in, and what got in otherwise is taken out of the painted line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.control import Control
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.strip import Strip

from tests.tui.safe.payloads import payloads
from tests.tui.terminal import written
from tui.safe import Boundary, content, crash, line, shown

_BLACK = Color(0, 0, 0)
_ACTED_ON = {"Cc", "Cs", "Zl", "Zp"}


def _acts(text: str) -> bool:
    return any(unicodedata.category(one) in _ACTED_ON for one in text) or any(
        one in "\u061c\u200e\u200f" or "\u202a" <= one <= "\u202e" or "\u2066" <= one <= "\u2069"
        for one in text
    )


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_every_payload_is_spelled_out_whole_and_in_pieces(cut: int) -> None:
    for payload in payloads():
        pieces = [payload[at : at + cut] for at in range(0, len(payload), cut)] if cut else [payload]
        told = "".join(shown(piece) for piece in pieces)
        assert not _acts(told.replace("\n", "").replace("\t", "")), ascii(payload)
        assert not _acts(line(payload)), ascii(payload)


@given(st.text())
def test_content_is_what_was_given_with_nothing_read_as_markup(text: str) -> None:
    made = content(text, "bold")
    assert made.plain == shown(text)
    assert all((span.start, span.end) == (0, len(made)) for span in made.spans)


@given(st.lists(st.text(max_size=20), max_size=5))
def test_a_painted_line_keeps_its_width_and_loses_what_a_terminal_acts_on(texts: list[str]) -> None:
    before = [Segment(text, Style(link="http://evil.example", bold=True)) for text in texts]
    after = Boundary().apply(before, _BLACK)
    assert Strip(after).cell_length == Strip(before).cell_length
    assert not any(_acts(one.text) for one in after)
    assert all(one.style is not None and one.style.link is None and one.style.bold for one in after)


def test_a_harmless_line_is_passed_on_as_it_is() -> None:
    segments = [Segment("plain", Style(bold=True)), Segment("漢字 é ✔ \U0001f600")]
    assert all(a is b for a, b in zip(segments, Boundary().apply(segments, _BLACK), strict=True))


def test_what_is_for_the_terminal_and_no_text_is_left_out_of_a_line() -> None:
    segments = [Segment("a"), Control((ControlType.CLEAR,), (ControlType.SET_WINDOW_TITLE, "x")).segment]
    assert "".join(one.text for one in Boundary().apply(segments, _BLACK)) == "a"


def test_the_last_words_of_a_failed_app_are_lines_of_harmless_text() -> None:
    said = list(crash([Segment("Error: \x1b]0;gone\x07\nsecond\n"), Control.clear().segment]).segments)
    assert "".join(one.text for one in said).splitlines() == ["Error: ]0;gone", "second"]


def test_what_textual_reads_back_from_a_title_is_not_to_be_set_again() -> None:
    # Why every title is set from content, and never from what is read back from a widget.
    assert Content.from_markup(Content("x\\").markup).plain != "x\\"


def test_a_failed_app_says_why_without_what_the_reason_would_do() -> None:
    _, data = written(["-m", "tests.tui.safe.failing_app"])
    said = data.decode()
    assert "ValueError" in said and "gone" in said
    assert not any(part in said for part in ("\x1b]0;", "\x9b", "\u202e"))
