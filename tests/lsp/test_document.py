"""The text of an open document is the editor's, to the last code unit, or it is known not to be."""

import random

import pytest

from lsp.document import Change, Document, Encoding, InvalidEdit, Place, joined, split_lines, units

ALPHABET = [*"ab \t\n", "\r\n", "\r", "\u2028", "\x0b", "\x0c", "\x85", "é", "漢", "😀", "\ud800", "\udc00"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
def test_only_line_feeds_and_carriage_returns_end_a_line(separator: str) -> None:
    document = Document("u", 1, f"a{separator}b\nc")
    document.apply(2, [Change("X", Place(1, 0), Place(1, 1))])
    assert document.text == f"a{separator}b\nX"


def test_an_edit_that_joins_a_carriage_return_with_a_line_feed_makes_one_line_end() -> None:
    document = Document("u", 1, "a\rb")
    document.apply(2, [Change("\n", Place(1, 0), Place(1, 0))])
    assert document.lines == ["a\r\n", "b"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Change("x", Place(0, 3), Place(0, 2)), "before its start"),
        (Change("x", Place(7, 0), Place(7, 1)), "no position"),
        (Change("x", Place(0, -1), Place(0, 1)), "no position"),
        (Change("x", Place(0, 1), Place(0, 1)), "inside a character"),
    ],
)
def test_an_impossible_edit_changes_nothing_and_marks_the_document(change: Change, reason: str) -> None:
    document = Document("u", 1, "😀b\n")
    with pytest.raises(InvalidEdit, match=reason):
        document.apply(2, [change])
    assert document.text == "😀b\n"
    assert reason in document.desynced
    with pytest.raises(InvalidEdit):
        document.apply(3, [Change("x", Place(0, 0), Place(0, 0))])
    document.apply(4, [Change("whole")])
    assert (document.text, document.desynced) == ("whole", "")


def test_an_offset_behind_the_end_of_a_line_means_its_end() -> None:
    document = Document("u", 1, "ab\r\ncd")
    document.apply(2, [Change("!", Place(0, 99), Place(0, 99))])
    assert document.text == "ab!\r\ncd"


@pytest.mark.parametrize("encoding", list(Encoding))
def test_random_edits_give_what_a_plain_text_gives(encoding: Encoding) -> None:
    edit_at_random(encoding, 2_000)


@pytest.mark.long
@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_hundred_thousand_random_edits_give_what_a_plain_text_gives(encoding: Encoding) -> None:
    edit_at_random(encoding, 100_000)


def edit_at_random(encoding: Encoding, count: int) -> None:
    """Edit a document by positions and a string by indexes; the positions are found independently."""
    chance = random.Random(7)
    document, text = Document("u", 0, "", encoding), ""
    for version in range(1, count + 1):
        start, end = sorted(chance.choices(_boundaries(text), k=2))
        piece = "".join(chance.choices(ALPHABET, k=chance.randrange(6)))
        document.apply(version, [Change(piece, _place(text, start, encoding), _place(text, end, encoding))])
        text = joined(text[:start] + piece + text[end:])
        if len(text) > 400:
            document, text = Document("u", version, text[-60:], encoding), text[-60:]
        assert document.text == text
        assert document.lines == split_lines(text)


def _boundaries(text: str) -> list[int]:
    """Return the indexes that a position can name: all but those inside a line end."""
    return [place for place in range(len(text) + 1) if text[place - 1 : place + 1] != "\r\n" or not place]


def _place(text: str, index: int, encoding: Encoding) -> Place:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    line = before.count("\n")
    return Place(line, units(before.rpartition("\n")[2], encoding))
