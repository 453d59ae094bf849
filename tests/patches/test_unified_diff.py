"""A unified diff is anchored by its lines; its numbers and counts only choose between equal places."""

import subprocess
from pathlib import Path

import pytest

from agent.patches.formats import read_edits
from agent.patches.refusal import Reason
from agent.protocol.edit import Create
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat
from tests.patches.applying import applied, reasons, refused

UD = EditFormat.UNIFIED_DIFF
FILE = {"a.py": b"def f():\n    return 1\n\n\ndef g():\n    return 1\n"}


def diff(body: str, path: str = "a.py") -> str:
    return f"--- a/{path}\n+++ b/{path}\n{body}"


@pytest.mark.parametrize("head", ["@@", "@@ ... @@", "@@ -99,1 +7,20 @@", "@@ -1,2 +1,2 @@", "@@ def g():"])
def test_numbers_and_counts_may_be_wrong_or_missing(head: str) -> None:
    text = diff(f"{head}\n def g():\n-    return 1\n+    return 2\n")
    assert applied(UD, text, FILE) == {"a.py": b"def f():\n    return 1\n\n\ndef g():\n    return 2\n"}


def test_a_right_number_chooses_between_equal_places() -> None:
    text = "@@ -{} +{} @@\n-    return 1\n+    return 2\n"
    assert applied(UD, diff(text.format(6, 6)), FILE)["a.py"].endswith(b"def g():\n    return 2\n")
    assert reasons(refused(UD, diff(text.format(4, 4)), FILE)) == [Reason.AMBIGUOUS]


def test_a_diff_in_a_fence_between_prose_is_read() -> None:
    text = (
        "- a list\n+ of things\n\n```diff\n"
        + diff("@@\n def g():\n-    return 1\n+    return 2\n")
        + "```\n- more\n"
    )
    assert applied(UD, text, FILE)["a.py"].endswith(b"return 2\n")


def test_blank_context_may_have_lost_its_space() -> None:
    text = diff("@@ -2,4 +2,4 @@\n     return 1\n\n\n-def g():\n+def h():\n\n")
    assert applied(UD, text, FILE) == {"a.py": b"def f():\n    return 1\n\n\ndef h():\n    return 1\n"}


def test_hunks_may_share_context_and_change_order() -> None:
    body = "@@\n-c\n+C\n d\n@@\n a\n-b\n+B\n c\n"
    refusal = refused(UD, diff(body), {"a.py": b"a\nb\nc\nd\n"})
    assert reasons(refusal) == [Reason.MISSING]
    body = "@@\n a\n-b\n+B\n c\n@@\n c\n-d\n+D\n"
    assert applied(UD, diff(body), {"a.py": b"a\nb\nc\nd\n"}) == {"a.py": b"a\nB\nc\nD\n"}


def test_files_are_created_deleted_and_moved() -> None:
    text = (
        "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+x\n+y\n"
        "--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"
        "diff --git a/from.py b/d/to.py\nsimilarity index 100%\nrename from from.py\nrename to d/to.py\n"
    )
    files = {"old.py": b"gone\n", "from.py": b"f\n"}
    assert applied(UD, text, files) == {"new.py": b"x\ny\n", "d/to.py": b"f\n"}
    assert reasons(refused(UD, text, {**files, "old.py": b"other\n"})) == [Reason.MISSING]
    assert reasons(refused(UD, text, {**files, "new.py": b"there\n"})) == [Reason.EXISTS]


def test_a_moved_file_stays_executable() -> None:
    from agent.patches.resolve import resolve

    text = "diff --git a/run b/go\nrename from run\nrename to go\n"
    edits = resolve(read_edits(UD, text), {"run": b"x\n"}.get, executable=lambda path: path == "run")
    assert isinstance(edits, tuple) and Create(path="go", content=b"x\n", executable=True) in edits


def test_removed_lines_that_look_like_headers_are_lines() -> None:
    text = diff("@@ -1,2 +1,2 @@\n--- x\n+++ y\n z\n")
    assert applied(UD, text, {"a.py": b"-- x\nz\n"}) == {"a.py": b"++ y\nz\n"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (diff("@@\n a\nb\n-c\n+d\n"), "line 5 does not belong"),
        (diff("no hunk\n"), "line 3 does not belong"),
        ("@@\n-a\n+b\n", "no file"),
        ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "mode"),
        ("diff --git a/x b/x\nGIT binary patch\n", "binary"),
        ("--- a/x\n+++ b/x\n", "no edit"),
    ],
)
def test_a_text_that_is_no_diff_says_where(text: str, said: str) -> None:
    with pytest.raises(PatchRefused, match=said):
        read_edits(UD, text)


def test_what_git_writes_is_read_and_its_marker_is_kept(tmp_path: Path) -> None:
    before = {"x y.py": b"1\n2\n3\n4\n5\n6\n7\n8\n9", "é.py": b"a\r\nb\r\n", "gone": b"g\n"}
    after = {"x y.py": b"1\n2\n3\n4\n5\n6\n7\n8\nnine\n", "é.py": b"a\r\nc\r\n", "new": b""}
    for name, files in (("before", before), ("after", after)):
        (tmp_path / name).mkdir()
        for path, content in files.items():
            (tmp_path / name / path).write_bytes(content)
    command = ["git", "diff", "--no-index", "--src-prefix=a/", "--dst-prefix=b/", "before", "after"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    text = (
        done.stdout.decode().replace("a/before/", "a/").replace("b/after/", "b/").replace("b/before/", "b/")
    )
    assert applied(UD, text.replace("a/after/", "a/"), before) == after
