"""The lines of the base that a proposal changes."""

from tui.panes.suspects.changed import changed

DIFF = """diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,4 +1,4 @@
 one
-two
+deux
 three
 four
@@ -8,2 +8,3 @@
 eight
+and a half
 nine
diff --git a/new.py b/new.py
new file mode 100644
--- /dev/null
+++ b/new.py
@@ -0,0 +1 @@
+new
"""


def test_lines_are_numbered_as_they_were_before() -> None:
    found = changed(DIFF)["a.py"]
    assert found.lines == {2, 8}
    assert found.texts == {1: "one", 2: "two", 3: "three", 4: "four", 8: "eight", 9: "nine"}


def test_what_is_no_diff_changes_nothing() -> None:
    assert changed("--- nonsense") == {}
    assert changed("") == {}
