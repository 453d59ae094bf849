"""Files as a whole: made, removed, shown otherwise than they are, and those that are for no editor."""

import os
from pathlib import Path

import pytest

from agent.protocol.api import ChangedFile
from lsp.applying.held import Held, buffers, hold, versions
from lsp.applying.plan import Choice, plan
from lsp.applying.view import View, saved
from lsp.text.document import Change, Document, Encoding, Place
from tests.lsp.test_applying_plan import after_edits, file, held, only, planned

SOLO = "a\nb\nc\n"


def test_a_new_file_is_made_and_nothing_is_asked() -> None:
    change = only(planned(file(None, "new\n"), held(None, version=None)))
    assert (change.creates, change.content, change.conflicts) == (True, "new\n", ())


def test_a_new_file_that_is_there_already_is_left_alone_when_it_is_the_same() -> None:
    assert not only(planned(file(None, SOLO), held(SOLO, version=None))).acts
    different = only(planned(file(None, SOLO), held("other\n", version=None)))
    assert [conflict.ours for conflict, _ in different.conflicts] == ["other\n"]


def test_a_file_that_nobody_touched_is_removed() -> None:
    assert only(planned(file(SOLO, None), held(SOLO, SOLO))).deletes


@pytest.mark.parametrize(
    "here",
    [
        held("a\nb\nX\n", SOLO),
        held("a\nX\n", "a\nX\n", version=None),
        held(SOLO, "a\nsaved by others\n"),
        held(SOLO, None),
    ],
)
def test_a_file_with_any_other_change_is_not_removed_unasked(here: Held) -> None:
    change = only(planned(file(SOLO, None), here))
    assert [(conflict.place, conflict.theirs) for conflict, _ in change.conflicts] == [(-1, None)]
    assert not change.acts
    assert only(planned(file(SOLO, None), here, Choice.THEIRS)).deletes
    assert not only(planned(file(SOLO, None), here, Choice.MINE)).acts


def test_a_file_that_was_removed_here_comes_back_only_when_the_user_says_so() -> None:
    gone = held(None, version=None)
    assert only(planned(file(SOLO, "a\n"), gone)).conflicts
    assert only(planned(file(SOLO, "a\n"), gone, Choice.THEIRS)).creates
    assert not only(planned(file(SOLO, "a\n"), gone, Choice.MINE)).acts
    assert not only(planned(file(SOLO, None), gone)).acts


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (file(b"a\0b", b"a\0c"), "it is binary"),
        (file(b"caf\xe9\n", b"caf\xe9s\n"), "it is not UTF-8"),
        (file("a", "b", "120000"), "it is no plain file"),
        (file("a", "a", "100755"), "only its mode changes"),
    ],
)
def test_what_is_for_no_editor_is_refused_with_the_reason(one: ChangedFile, reason: str) -> None:
    made = planned(one, held("a", version=None))
    assert (made.changes, [each.reason for each in made.refused]) == ((), [reason])


@pytest.mark.parametrize(
    ("disk", "buffer"),
    [
        ("\ufeffa\nb\nc\n", "a\nb\nc\n"),
        ("a\r\nb\r\nc\r\n", "a\nb\nc\n"),
        ("\ufeffa\r\nb\r\nc\r\n", "a\nb\nc\n"),
        ("a\r\nb\nc\r\n", "a\nb\nc\n"),
        ("a\nb\rc\n", "a\r\nb\r\nc\r\n"),
        ("a\nb\nc", "a\nb\nc"),
    ],
)
def test_what_an_editor_shows_otherwise_is_no_change_of_the_users(disk: str, buffer: str) -> None:
    theirs = disk.replace("b", "B")
    change = only(planned(file(disk, theirs), held(buffer, disk)))
    assert (change.blends, change.conflicts) == (False, ())
    assert after_edits(change) == buffer.replace("b", "B")
    assert not held(buffer, disk).unsaved


@pytest.mark.parametrize("feed", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_an_editor_saves_is_what_was_verified(feed: str, mark: str) -> None:
    disk, theirs = f"{mark}a{feed}b{feed}c{feed}", f"{mark}a{feed}B{feed}c{feed}"
    change = only(planned(file(disk, theirs), held("a\nb\nc\n", disk)))
    assert saved(change.content or "", disk) == theirs


def test_line_ends_that_the_user_changed_are_not_the_editors_own() -> None:
    document = Document("file:///r/a.py", 1, SOLO)
    document.apply(2, [Change("a\r\nb\r\nc\r\n")])
    (buffer,) = buffers([document]).values()
    here = Held("a.py", buffer.uri, buffer.text, SOLO, buffer.version, keeps_ends=buffer.feed == "\r\n")
    assert here.unsaved
    assert here.saved == "a\r\nb\r\nc\r\n"


def test_a_text_without_lines_says_nothing_about_line_ends() -> None:
    assert View.of("a\r\nb\r\n", "a").show("x\r\n") == "x\r\n"
    assert saved("", "a\r\n") == ""


def test_what_is_held_is_the_buffer_and_else_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"disk\r\n")
    uri = (tmp_path / "a.py").as_uri()
    here = hold(tmp_path, "a.py", {}, Encoding.UTF8)
    assert (here.text, here.version, here.fault) == ("disk\r\n", None, "")
    document = Document(uri.replace("a.py", "%61.py"), 4, "buffer\n")
    here = hold(tmp_path, "a.py", buffers([document]), Encoding.UTF8)
    assert (here.uri, here.text, here.disk, here.version) == (document.uri, "buffer\n", "disk\r\n", 4)
    assert versions([document]) == {tmp_path / "a.py": 4}
    assert hold(tmp_path, "none/b.py", {}, Encoding.UTF8).text is None


def test_a_document_that_could_not_be_followed_is_refused_until_it_is_opened_again(tmp_path: Path) -> None:
    document = Document((tmp_path / "a.py").as_uri(), 1, "a\n")
    with pytest.raises(ValueError, match="no position"):
        document.apply(2, [Change("x", Place(9, 0), Place(9, 0))])
    here = hold(tmp_path, "a.py", buffers([document]), Encoding.UTF16)
    made = plan([file("a\n", "b\n")], {"a.py": here}, {})
    assert "open it again" in made.refused[0].reason
    assert versions([document]) == {}


@pytest.mark.parametrize(
    "path", ["../a.py", "/etc/passwd", ".git/hooks/x", "link/a.py", "link.py", "fifo", "dir"]
)
def test_what_lies_elsewhere_or_is_no_file_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "link").symlink_to("/tmp")
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "a.py").write_text("a")
    (tmp_path / "dir").mkdir()
    os.mkfifo(tmp_path / "fifo")
    assert hold(tmp_path, path, {}, Encoding.UTF16).fault
