"""A diff that git made is read and written to the letter, and any choice of its parts is a diff again."""

import random
from pathlib import Path

import pytest

from agent.patches.hunks import HEAD, Change, Part, dropped_with, kept_with, needs, parts, without
from agent.patches.parsing.git_diff import parse_git_diff
from agent.protocol.errors import PatchRefused
from tests.patches.git_trees import Repository, blobs, expected, trees

_OPTIONS = (("--no-renames",), ("-M",), ("-C", "--find-copies-harder"))
_CHOICES = 3


def check(folder: Path, seeds: range) -> None:
    repository = Repository(folder)
    for seed in seeds:
        old, new = trees(seed)
        repository.write("old", old)
        repository.write("new", new)
        diff = repository.diff(*_OPTIONS[seed % 3])
        files = parse_git_diff(diff)
        assert "".join(file.text for file in files) == without(files, ()) == diff
        assert repository.after(diff) == blobs(new)
        assert without(files, set(parts(files))) == ""
        dice = random.Random(seed)
        for _ in range(_CHOICES):
            wanted = {part for part in parts(files) if dice.random() < dice.choice((0.1, 0.5))}
            dropped = dropped_with(files, wanted)
            left = without(files, dropped)
            check_starts(left)
            assert repository.after(left) == blobs(expected(old, new, files, dropped))


def check_starts(diff: str) -> None:
    """Expect each hunk to say where it begins; git would look for it nearby."""
    for file in parse_git_diff(diff):
        grown = 0
        for hunk in file.hunks:
            before, after = (hunk.old_start - bool(hunk.old_count), hunk.new_start - bool(hunk.new_count))
            assert after - before == grown
            grown += hunk.new_count - hunk.old_count


def test_any_choice_of_parts_is_a_diff_that_git_applies_to_what_was_chosen(tmp_path: Path) -> None:
    check(tmp_path, range(12))


@pytest.mark.long
@pytest.mark.parametrize("first", range(12, 1212, 100))
def test_any_choice_of_parts_of_many_diffs_is_a_diff_that_git_applies(tmp_path: Path, first: int) -> None:
    check(tmp_path, range(first, first + 100))


_TWO_PLACES = """diff --git a/n.py b/n.py
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/n.py
+++ b/n.py
@@ -1,2 +1,4 @@
 one
+and a half
+and more
 two
@@ -9 +11 @@ def nine():
-nine\r
+9\r
\\ No newline at end of file
"""


def test_a_hunk_says_what_it_changes_and_where() -> None:
    (file,) = parse_git_diff(_TWO_PLACES)
    first, second = file.hunks
    assert (file.path, file.change, list(parts([file]))) == ("n.py", Change.EDITED, [(0, 0), (0, 1)])
    assert (first.old_start, first.old_count, first.new_start, first.new_count) == (1, 2, 1, 4)
    assert second.heading == "def nine():"
    assert second.lines == (("-", "nine\r", False), ("+", "9\r", True))


def test_a_hunk_behind_a_dropped_one_begins_where_it_begins_then() -> None:
    (file,) = parse_git_diff(_TWO_PLACES)
    left = without([file], {Part(0, 0)})
    assert "@@ -9 +9 @@ def nine():\n" in left and "and a half" not in left
    assert "index " not in left, "the blob that was named is another file's"


def test_a_rename_may_be_dropped_while_what_changes_in_the_file_stays() -> None:
    renamed = _TWO_PLACES.replace("b/n.py", '"b/\\303\\274.py"').replace(
        "index 1", 'similarity index 90%\nrename from n.py\nrename to "\\303\\274.py"\nindex 1'
    )
    (file,) = parse_git_diff(renamed)
    assert (file.old_path, file.new_path, file.change) == ("n.py", "ü.py", Change.RENAMED)
    left = without([file], {Part(0, HEAD), Part(0, 0)})
    assert left.startswith("diff --git a/n.py b/n.py\n--- a/n.py\n+++ b/n.py\n@@ -9 +9 @@")


def test_a_file_needs_what_makes_room_for_it() -> None:
    gone = "diff --git a/d b/d\ndeleted file mode 100644\nindex e69de29..0000000\n"
    made = "diff --git a/d/x b/d/x\nnew file mode 100644\nindex 0000000..e69de29\n"
    files = parse_git_diff(gone + made)
    assert needs(files) == {Part(1, HEAD): frozenset({Part(0, HEAD)})}
    assert dropped_with(files, {Part(0, HEAD)}) == set(parts(files)) == kept_with(files, Part(1, HEAD))
    assert dropped_with(files, {Part(1, HEAD)}) == {Part(1, HEAD)}


def test_a_diff_that_git_did_not_make_is_read_as_well() -> None:
    plain = _TWO_PLACES.split("\n", 2)[2]
    (file,) = parse_git_diff(plain)
    assert (file.path, len(file.hunks), file.text) == ("n.py", 2, plain)


@pytest.mark.parametrize(
    "text",
    [
        "some prose\n",
        _TWO_PLACES + "prose behind\n",
        _TWO_PLACES.replace("@@ -1,2 +1,4 @@", "@@ -1,3 +1,5 @@"),
        _TWO_PLACES.replace("+9\r\n\\ No newline at end of file\n", ""),
        _TWO_PLACES.replace(" two", "*two"),
    ],
)
def test_what_is_no_diff_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(PatchRefused, match="line") as caught:
        parse_git_diff(text)
    assert caught.value.hint
