"""Rows of a diff lie as its lines do, below each other or side by side."""

from agent.patches.hunks import HEAD, Part
from agent.patches.parsing.git_diff import parse_git_diff
from tests.tui.panes.diff.diffs import MOVED, PLACES
from tui.panes.diff.choice import Choice
from tui.panes.diff.rows import Kind, Row, Shows, Side, rows_of, tops
from tui.panes.diff.words import changed_words


def shown(side: Side | None) -> str:
    return f"{side.number}{side.line.sign}{side.line.text}" if side else ""


def unified(row: Row) -> str:
    return shown(row.new if row.shows is Shows.NEW else row.old)


def test_one_column_has_what_was_removed_before_what_was_added() -> None:
    rows = rows_of(parse_git_diff(PLACES), split=False)
    told = [unified(row) for row in rows if row.kind is Kind.LINE]
    assert told == [
        *(
            "1 def pop(self):",
            "2-    x = self.items[0]",
            "3-    gone",
            "2+    x = self.items[-1]",
            "4     return x",
        ),
        *("20 end", "20+more"),
    ]
    assert [row.kind for row in rows][:2] == [Kind.FILE, Kind.HUNK]


def test_two_columns_have_beside_each_other_what_took_the_place_of_what() -> None:
    rows = rows_of(parse_git_diff(PLACES), split=True)
    told = [(shown(row.old), shown(row.new)) for row in rows if row.kind is Kind.LINE]
    assert told[1:4] == [
        ("2-    x = self.items[0]", "2+    x = self.items[-1]"),
        ("3-    gone", ""),
        ("4     return x", "3     return x"),
    ]
    assert told[-1] == ("", "20+more")


def test_a_part_begins_at_its_head_and_a_file_has_its_own() -> None:
    files = parse_git_diff(PLACES + MOVED)
    rows = rows_of(files, split=False)
    begins = tops(files, rows)
    assert list(begins) == [Part(0, 0), Part(0, 1), Part(1, HEAD), Part(1, 0)]
    assert rows[begins[Part(1, HEAD)]].kind is Kind.OWN
    assert [rows[top].kind for top in begins.values()].count(Kind.HUNK) == 3


def test_a_word_that_changed_is_told_from_the_rest_of_its_line() -> None:
    old, new = "    x = self.items[0]", "    x = self.items[-1]"
    lost, gained = changed_words(old, new)
    assert [old[slice(*one)] for one in lost] == ["0"]
    assert "".join(new[slice(*one)] for one in gained) == "-1"
    assert changed_words("        gone()", "        return None") == ([], [])
    assert changed_words("x " * 500, "y " * 500) == ([], [])


def test_what_was_dropped_can_be_kept_again_hunk_by_hunk_and_file_by_file() -> None:
    whole = Choice.of(PLACES + MOVED)
    dropped = whole.toggled(Part(0, 0)).file_toggled(1)
    assert set(dropped.dropped) == {Part(0, 0), Part(1, HEAD), Part(1, 0)}
    assert dropped.patch.count("\n@@ ") == 1 and "rename" not in dropped.patch
    assert dropped.toggled(Part(0, 1)).empty
    assert dropped.toggled(Part(0, 0)).file_toggled(1) == whole == dropped.kept()
    assert whole.patch == PLACES + MOVED
