"""A file of others becomes lines that are numbered as git numbers them."""

import pytest

from tui.panes.suspects.text_lines import text_lines


def plain(source: bytes, path: str = "a.py") -> list[str]:
    lines = text_lines(source, path)
    assert lines is not None
    return [one.plain for one in lines]


@pytest.mark.parametrize("path", ["a.py", "README"])
def test_lines_end_where_those_of_git_do(path: str) -> None:
    source = b"a = 1\r\nb\x0b = '\xe2\x80\xa8'\x0c\n\tc\n"
    assert plain(source, path) == ["a = 1", "b\\x0b = '\\u2028'\\x0c", "        c"]


def test_what_a_terminal_acts_on_is_spelled_out() -> None:
    (line,) = plain(b"x = '\x1b]0;title\x07[bold]\xe2\x80\xae\x9b'")
    assert line.isprintable() and "\\x1b]0;title\\x07[bold]\\u202e" in line


def test_code_has_colours_and_other_text_has_none() -> None:
    coloured, bare = text_lines(b"def f(): pass\n", "a.py"), text_lines(b"def f(): pass\n", "a.unknown")
    assert coloured is not None and len(coloured[0].spans) > 2
    assert bare is not None and not bare[0].spans


def test_what_is_no_text_is_not_shown() -> None:
    assert text_lines(b"\0\1", "a.py") is None


def test_a_line_without_an_end_is_cut_and_not_coloured() -> None:
    (line,) = plain(b"x = '" + b"a" * 100_000 + b"'\n")
    assert len(line) == 1_001


def test_an_empty_file_has_one_empty_line() -> None:
    assert plain(b"") == [""]
