"""The text of an open document is the editor's, to the last code unit, or it is known not to be."""

import random
import re

import pytest

from lsp.text.document import Change, Document, Encoding, InvalidEdit, Place
from tests.lsp.reference import Reference

ALPHABET = [*"ab \t\n", "\r\n", "\r", "\u2028", "\x0b", "\x0c", "\x85", "é", "漢", "😀", "\ud800", "\udc00"]
LINES = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


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
def test_random_edits_give_byte_for_byte_what_another_buffer_gives(encoding: Encoding) -> None:
    edit_at_random(encoding, 1_500)


@pytest.mark.long
@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_hundred_thousand_random_edits_give_what_another_buffer_gives(encoding: Encoding) -> None:
    edit_at_random(encoding, 100_000)


def edit_at_random(encoding: Encoding, count: int) -> None:
    """Edit two buffers that share no code at positions that may lie anywhere, impossible ones too."""
    chance = random.Random(7)
    document, text, refused = Document("u", 0, "", encoding), "", 0
    for version in range(1, count + 1):
        edit = Change("".join(chance.choices(ALPHABET, k=chance.randrange(6))), *_places(chance, text))
        if _applied(document, version, edit) != _expected(edit, text, encoding):
            raise AssertionError(f"{edit} to {text!r} gives {document.text!r} ({document.desynced})")
        if document.desynced:
            refused += 1
            document = Document("u", version, text, encoding)
        text = document.text
        assert document.lines == LINES.findall(text)
        if len(text) > 400:
            document = Document("u", version, text[-60:], encoding)
            text = document.text
    assert refused > count // 100


def _places(chance: random.Random, text: str) -> list[Place]:
    count = text.count("\n") + text.count("\r") + 1
    found = [Place(chance.randrange(count + 1), chance.randrange(12)) for _ in range(2)]
    return found if chance.random() < 0.1 else sorted(found)


def _applied(document: Document, version: int, edit: Change) -> bytes | None:
    try:
        document.apply(version, [edit])
    except InvalidEdit:
        assert document.desynced
        return None
    return document.text.encode("utf-32-le", "surrogatepass")


def _expected(edit: Change, text: str, encoding: Encoding) -> bytes | None:
    assert edit.start is not None and edit.end is not None
    reference = Reference(text, encoding)
    try:
        reference.edit(edit.start, edit.end, edit.text)
    except ValueError:
        return None
    return reference.text.encode("utf-32-le", "surrogatepass")
