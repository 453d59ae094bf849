"""What a diff is painted with comes from its theme alone, and its text is all there to be read."""

import re
import unicodedata

import pytest

from agent.patches.hunks import HEAD, Part
from tests.tui.panes.diff.diffs import MOVED, PLACES
from tests.tui.safe.payloads import payloads
from tui.panes.diff.choice import Choice
from tui.panes.diff.paint import Painter
from tui.panes.diff.palette import FEW, MANY, Palette
from tui.panes.diff.rows import Kind, rows_of


def painted(diff: str, palette: Palette = MANY, *, split: bool = False) -> list[str]:
    choice = Choice.of(diff)
    painter = Painter(choice, palette)
    rows = rows_of(choice.files, split=split)
    cells = [cell for row in rows for cell in painter.cells(row, choice, split=split)]
    return [cell.fixed.plain + cell.code.plain for cell in cells]


@pytest.mark.parametrize("palette", [FEW, MANY])
def test_nothing_in_a_diff_reaches_the_terminal_as_it_came(palette: Palette) -> None:
    lines = [one for text in payloads() for one in text.split("\n")]
    body = "".join(f"-{one}x\n+{one}\n" for one in lines)
    diff = f"--- a/x.py\n+++ b/x.py\n@@ -1,{len(lines)} +1,{len(lines)} @@ {lines[0]}\n{body}"
    for split in (False, True):
        text = "".join(painted(diff, palette, split=split))
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_colours_of_a_language_leave_its_text_as_it_is() -> None:
    few, many = painted(PLACES + MOVED, FEW), painted(PLACES + MOVED, MANY)
    assert few == many
    assert " 2    -     x = self.items[0]" in many


def test_what_cannot_be_seen_in_a_line_is_told_beside_it() -> None:
    ends = PLACES.replace("+more\n", "+more  \r\n\\ No newline at end of file\n")
    (told,) = [one for one in painted(ends) if "more" in one]
    assert told.endswith("more  ␍  (no newline at the end)")
    windows = re.sub(r"(?m)^([ +-](?![+-]{2}).*)$", "\\1\r", PLACES)
    assert windows.count("\r") == 7
    assert not any("␍" in one or "\\r" in one for one in painted(windows)), "all of the file has it"


def test_the_head_of_a_file_says_what_happens_to_it() -> None:
    made = "diff --git a/n b/n\nnew file mode 100644\nindex e69de29..0000000\n"
    gone = "diff --git a/b b/b\ndeleted file mode 100644\nindex 1..0\nGIT binary patch\nliteral 0\nHcmV\n\n"
    told = painted(MOVED + made + gone)
    assert "✓ kept    renamed from old.txt; mode 100644 → 100755" in told
    assert "✓ kept    a new file, empty" in told
    assert "✓ kept    the whole file; binary, cannot be shown" in told
    choice = Choice.of(MOVED)
    dropped = choice.toggled(Part(0, HEAD))
    head = next(row for row in rows_of(choice.files, split=False) if row.kind is Kind.FILE)
    (cell,) = Painter(choice).cells(head, dropped, split=False)
    assert cell.fixed.plain == " new.txt  renamed  +1 -1  1 of 2 kept"
