"""Nothing that a repository, a test or a model wrote may drive the user's terminal."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.terminal import console, one_line, sanitize


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31mred", "\\x9b31mred"),
        ("fine\roverwritten", "fine\\roverwritten"),
        ("back\x08\x7f", "back\\x08\\x7f"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("name\udcff.py", "name\\udcff.py"),
        ("null\x00", "null\\x00"),
    ],
)
def test_what_a_terminal_would_act_on_is_spelled_out(hostile: str, shown: str) -> None:
    assert sanitize(hostile) == shown


@pytest.mark.parametrize(
    "plain", ["", "plain", "tab\tand\nline", "Grüße, 世界", "é 🙂", "\u3000wide", "\\x1b"]
)
def test_ordinary_text_is_left_as_it_is(plain: str) -> None:
    assert sanitize(plain) == plain


def test_windows_line_ends_become_newlines() -> None:
    assert sanitize("a\r\nb\r\n") == "a\nb\n"


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_sanitized_text_is_stable_encodable_and_free_of_control(text: str) -> None:
    clean = sanitize(text)
    assert sanitize(clean) == clean
    clean.encode("utf-8")
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in clean if c not in "\n\t")


def test_one_line_is_one_line_of_bounded_width() -> None:
    assert one_line("a\n\tb  c") == "a b c"
    assert one_line("x" * 300, width=10) == "x" * 9 + "…"


def test_brackets_in_outside_text_are_no_markup() -> None:
    out = io.StringIO()
    screen = console()
    screen.file = out
    screen.print("test_x[bold] :smile: [/]")
    assert out.getvalue() == "test_x[bold] :smile: [/]\n"
