"""A line that a task saw is found again in the text as it is now, or counts as edited."""

import random
from pathlib import Path

import pytest
from lsprotocol import types

from lsp.folders import uri_of
from lsp.text.document import Document, Encoding, split_lines
from lsp.text.documents import Documents
from lsp.text.placing import disk_lines, line_range, live_lines, shifted

SEEN = split_lines("a\nb\nc\nd\ne\n")


def test_a_line_moves_with_what_is_inserted_and_removed_above_it() -> None:
    assert shifted(SEEN, split_lines("new\na\nb\nc\nd\ne\n"), 3) == 4
    assert shifted(SEEN, split_lines("c\nd\ne\n"), 3) == 1
    assert shifted(SEEN, SEEN, 5) == 5


def test_an_edited_line_and_one_that_never_was_are_nowhere() -> None:
    assert shifted(SEEN, split_lines("a\nb\nC\nd\ne\n"), 3) is None
    assert shifted(SEEN, SEEN, 0) is None
    assert shifted(SEEN, SEEN, 6) is None


def test_lines_between_two_edits_are_found_in_long_texts() -> None:
    seen = [f"{number}\n" for number in range(5000)]
    live = ["first\n", *seen[:2000], "two\n", "more\n", *seen[2000:2500], *seen[2501:]]
    assert shifted(seen, live, 2101) == 2104
    assert shifted(seen, live, 2501) is None
    assert shifted(seen, live, 5000) == 5002


def test_a_shift_never_leads_to_another_line() -> None:
    chance = random.Random(7)
    for _ in range(300):
        seen = [f"{chance.randrange(40)}\n" for _ in range(chance.randrange(60))]
        live = list(seen)
        for _ in range(chance.randrange(6)):
            start = chance.randrange(len(live) + 1)
            live[start : start + chance.randrange(4)] = [f"new {chance.random()}\n"] * chance.randrange(3)
        for line in range(1, len(seen) + 1):
            found = shifted(seen, live, line)
            assert found is None or live[found - 1] == seen[line - 1]


@pytest.mark.parametrize(
    ("encoding", "start", "end"), [(Encoding.UTF8, 2, 9), (Encoding.UTF16, 2, 5), (Encoding.UTF32, 2, 4)]
)
def test_a_range_leaves_blanks_out_and_counts_as_the_editor_does(
    encoding: Encoding, start: int, end: int
) -> None:
    document = Document("file:///a", 1, "x\n  \U0001f600é \n".replace("é ", "語 "), encoding)
    found = line_range(document, 2, encoding)
    assert (found.start, found.end) == (types.Position(1, start), types.Position(1, end))


def test_a_line_behind_the_end_is_the_last_one() -> None:
    assert line_range(["a\n"], 99, Encoding.UTF16).start.line == 0
    assert line_range([], 3, Encoding.UTF16) == types.Range(types.Position(0, 0), types.Position(0, 0))


def test_the_open_document_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("disk\n")
    documents = Documents(lambda _: None)
    assert live_lines(documents, uri_of(file)) == ("disk\n",)
    documents.open(uri_of(file), 1, "buffer\n", Encoding.UTF16)
    assert list(live_lines(documents, uri_of(file)) or ()) == ["buffer\n"]
    documents.close(uri_of(file))
    file.write_text("other\n")
    assert live_lines(documents, uri_of(file)) == ("other\n",)


def test_what_is_no_file_has_no_lines(tmp_path: Path) -> None:
    assert disk_lines(tmp_path) is None
    assert disk_lines(tmp_path / "none") is None
    assert live_lines(Documents(lambda _: None), "untitled:1") is None
